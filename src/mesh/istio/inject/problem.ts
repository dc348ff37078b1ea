/** Why a pod cannot be injected: the webhook would refuse it. Becomes the reason of a failed outcome. */
export class InjectProblem extends Error {
  /** Stable: `invalid-annotation`, `template-failed`, … */
  readonly code: string;

  /** @param message one sentence */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
