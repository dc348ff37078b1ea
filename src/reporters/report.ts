/**
 * A reporter turns the report of an analysis into the text of one format. It is a pure function:
 * what it must know of its surroundings comes in `Look`.
 */
import type { AnalysisReport } from '../model/finding.ts';
import type { Rule } from '../model/rule.ts';

export interface Look {
  readonly color: boolean;
  /** Columns of the terminal; undefined when it is none, and then nothing is wrapped or cut. */
  readonly width: number | undefined;
  /** Version of meshctl. */
  readonly version: string;
  /** Rules that took part in the run, for formats that describe them. */
  readonly rules: readonly Rule[];
}

export type Reporter = (report: AnalysisReport, look: Look) => string;
