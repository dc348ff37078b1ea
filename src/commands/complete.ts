import type { CommandDeclaration } from './define.ts';

/** What the completion scripts call: the words typed so far in, candidates out, one a line. */
export const complete: CommandDeclaration = {
  name: '__complete',
  summary: 'print completions of a command line',
  description: 'Prints candidates for the last of the words given, one a line, and ":files" where files are wanted.',
  argument: { name: '[word...]', description: 'the words after "meshctl", the last one unfinished' },
  options: [],
  examples: [],
  hidden: true,
  load: () => import('./complete.run.ts'),
};
