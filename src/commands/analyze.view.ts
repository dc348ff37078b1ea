/** The report in each of the formats asked for. */
import type { AnalysisReport } from '../model/finding.ts';
import type { Rule } from '../model/rule.ts';
import { reporterNamed } from '../reporters/index.ts';
import type { Context } from './define.ts';
import { writeOutput } from './files.ts';
import type { OutputTarget } from './outputs.ts';

/** Writes what goes to files. @returns what goes to standard output */
export async function renderReport(
  report: AnalysisReport,
  rules: readonly Rule[],
  outputs: readonly OutputTarget[],
  { host, color }: Context,
): Promise<string> {
  let shown = '';
  for (const { format, file } of outputs) {
    const reporter = await reporterNamed(format);
    const toFile = file !== undefined;
    const text = reporter?.(report, {
      color: color.out && !toFile,
      width: toFile ? undefined : host.out.columns,
      version: host.versions.meshctl,
      rules,
    });
    if (toFile) await writeOutput(file, text ?? '', host);
    else shown += text;
  }
  return shown;
}
