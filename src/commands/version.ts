import type { CommandDeclaration } from './define.ts';

export const version: CommandDeclaration = {
  name: 'version',
  summary: 'print the version of meshctl',
  description: 'Prints the version of meshctl and of the Node.js it runs on.',
  options: [{ flags: '-o, --output <format>', description: 'output format', choices: ['text', 'json'], default: 'text' }],
  examples: [{ command: 'meshctl version -o json', does: 'print the version as JSON' }],
  load: () => import('./version.run.ts'),
};
