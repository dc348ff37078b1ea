/** Process exit codes. They follow from the report, never from its format. */
export type ExitCode = 0 | 1 | 2 | 3 | 70 | 130;

/** The only exit-code table. */
export const EXIT = {
  fine: 0,
  /** The answer is bad: findings, failed checks, stale proxies. */
  bad: 1,
  /** The question was wrong: usage, configuration, unreadable input. */
  question: 2,
  /** The cluster or a proxy could not be asked. */
  unreachable: 3,
  bug: 70,
  interrupted: 130,
} as const satisfies Record<string, ExitCode>;

/** A problem that a user can cause and mend. Everything else is a bug and keeps its stack. */
export class MeshctlError extends Error {
  /** Stable identifier such as `E_CONFIG`. */
  readonly code: string;
  readonly exit: ExitCode;
  /** What to do about it; printed on a second line. */
  readonly hint: string | undefined;

  constructor(code: string, message: string, more: { hint?: string | undefined; cause?: unknown; exit?: ExitCode } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'MeshctlError';
    this.code = code;
    this.hint = more.hint;
    this.exit = more.exit ?? EXIT.question;
  }
}
