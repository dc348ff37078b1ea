import type { CommandDeclaration } from './define.ts';

export const completion: CommandDeclaration = {
  name: 'completion',
  summary: 'print a completion script for your shell',
  description: 'Prints a script that completes commands, options, rules and files in your shell.',
  argument: { name: '<shell>', description: 'bash, zsh, fish or powershell', completes: ['bash', 'zsh', 'fish', 'powershell'] },
  options: [],
  examples: [
    { command: 'source <(meshctl completion bash)', does: 'complete in this bash; put it into ~/.bashrc to keep it' },
    { command: 'source <(meshctl completion zsh)', does: 'complete in this zsh; put it into ~/.zshrc to keep it' },
    { command: 'meshctl completion fish > ~/.config/fish/completions/meshctl.fish', does: 'complete in fish' },
    { command: 'meshctl completion powershell | Out-String | Invoke-Expression', does: 'complete in this PowerShell' },
  ],
  load: () => import('./completion.run.ts'),
};
