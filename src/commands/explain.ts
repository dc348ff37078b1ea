import type { CommandDeclaration } from './define.ts';

export const explain: CommandDeclaration = {
  name: 'explain',
  summary: 'tell what a rule or a check looks at, why, and how to mend it',
  description:
    'Prints what a rule of "meshctl analyze" looks at, why it matters, a bad and a good example, and where it comes from; and of a check of "meshctl check" what it means when it fails. Works offline.',
  argument: { name: '<name>', description: 'id of a rule or a check, or a code such as IST0101', completes: 'explained' },
  options: [{ flags: '-o, --output <format>', description: 'output format', choices: ['text', 'json'], default: 'text' }],
  examples: [
    { command: 'meshctl explain istio-routing/destination-host-exists', does: 'explain one rule' },
    { command: 'meshctl explain istio/injection-ca-bundle-valid', does: 'explain one check' },
    { command: 'meshctl explain IST0101', does: 'explain every rule that a code stands for' },
  ],
  load: () => import('./explain.run.ts'),
};
