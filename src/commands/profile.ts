import type { CommandDeclaration } from './define.ts';

export const profile: CommandDeclaration = {
  name: 'profile',
  summary: 'list the profiles that meshes are installed with, and show one',
  description: [
    'A profile says which charts an installation takes, and which values it lays over the defaults of the charts. "list" names the profiles of every mesh, or of one; "show" prints one, or the default one of the mesh.',
    'Works offline: what the charts themselves have as defaults is not shown. With "meshctl install", --set and --values change what a profile says, and --with and --without change which components there are.',
  ].join('\n\n'),
  argument: { name: '<action>', description: 'list or show', completes: ['list', 'show'] },
  moreArguments: [
    { name: '[mesh]', description: 'istio, linkerd, kuma or consul; "show" needs it', completes: 'meshes' },
    { name: '[profile]', description: 'the profile to show', completes: 'profiles' },
  ],
  options: [{ flags: '-o, --output <format>', description: 'output format', choices: ['text', 'json', 'yaml'], default: 'text' }],
  examples: [
    { command: 'meshctl profile list', does: 'see which profiles there are' },
    { command: 'meshctl profile show istio ambient', does: 'see what a profile consists of' },
    { command: 'meshctl profile show linkerd ha -o yaml', does: 'print the same for programs' },
  ],
  load: () => import('./profile.run.ts'),
};
