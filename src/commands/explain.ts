import type { CommandDeclaration } from './define.ts';

export const explain: CommandDeclaration = {
  name: 'explain',
  summary: 'tell what a rule checks, why, and how to mend it',
  description:
    'Prints what a rule of "meshctl analyze" checks, why it matters, a bad and a good example, and where it comes from. Works offline.',
  argument: { name: '<rule>', description: 'rule id, or a code such as IST0101', completes: 'rules' },
  options: [{ flags: '-o, --output <format>', description: 'output format', choices: ['text', 'json'], default: 'text' }],
  examples: [
    { command: 'meshctl explain istio-routing/destination-host-exists', does: 'explain one rule' },
    { command: 'meshctl explain IST0101', does: 'explain every rule that a code stands for' },
  ],
  load: () => import('./explain.run.ts'),
};
