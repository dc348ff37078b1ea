import { EXIT, MeshctlError } from '../errors.ts';
import { nearest } from '../text/nearest.ts';
import type { Run } from './define.ts';

/** Each script hands the words to `meshctl __complete`, so that candidates are decided in one place for all shells. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# bash completion for meshctl
_meshctl() {
  local line words=("\${COMP_WORDS[@]:1:COMP_CWORD}") current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = ":files" ]; then
      compopt -o filenames 2>/dev/null
      [ "$current" = "=" ] && current=""
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <(meshctl __complete -- "\${words[@]}" 2>/dev/null)
}
complete -F _meshctl meshctl
`,
  zsh: `#compdef meshctl
_meshctl() {
  local line
  local -a candidates
  while IFS= read -r line; do
    if [[ "$line" == ":files" ]]; then
      compset -P '*='
      _files
    else
      line="\${line//:/\\\\:}"
      candidates+=("\${line/$'\\t'/:}")
    fi
  done < <(meshctl __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#candidates} )) && _describe 'meshctl' candidates
}
if [ "$funcstack[1]" = "_meshctl" ]; then _meshctl "$@"; else compdef _meshctl meshctl; fi
`,
  fish: `# fish completion for meshctl
function __meshctl_complete
    set -l words (commandline -opc)[2..-1] (commandline -ct)
    for line in (meshctl __complete -- $words 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c meshctl -f -a '(__meshctl_complete)'
`,
  powershell: `# PowerShell completion for meshctl
Register-ArgumentCompleter -Native -CommandName meshctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if ($wordToComplete -eq '') { $words += '' }
    meshctl __complete -- @words 2>$null | ForEach-Object {
        if ($_ -eq ':files') { return }
        $parts = $_ -split "\`t", 2
        $help = if ($parts.Length -gt 1) { $parts[1] } else { $parts[0] }
        [System.Management.Automation.CompletionResult]::new($parts[0], $parts[0], 'ParameterValue', $help)
    }
}
`,
};

export const run: Run = async ([shell = '']) => {
  const text = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (text !== undefined) return { text, exit: EXIT.fine };
  const known = Object.keys(SCRIPTS);
  const close = nearest(shell, known);
  throw new MeshctlError('E_USAGE', `There is no completion for the shell "${shell}".`, {
    hint: `${close ? `Did you mean "${close}"? ` : ''}meshctl completes in ${known.slice(0, -1).join(', ')} and ${known.at(-1)}.`,
  });
};
