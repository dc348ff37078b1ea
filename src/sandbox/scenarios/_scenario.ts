import type { SandboxOptions } from '../options.ts';

/** The file is named like the scenario. */
export interface Scenario {
  readonly name: string;
  /** What is so, as one line of `--list`; a test proves each. */
  readonly summary: string;
  readonly options: () => SandboxOptions;
}
