/** The words that the flags of proxy-status take. */
export const STATES = ['error', 'disconnected', 'stale', 'not-sent', 'unknown', 'synced'] as const;
export const SORTS = ['state', 'name', 'version', 'control-plane', 'certificate'] as const;
export const FAIL_ON = ['error', 'disconnected', 'stale', 'not-sent', 'unknown', 'different', 'any'] as const;
