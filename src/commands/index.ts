/** Every command, in the order of the help. */
import { analyze } from './analyze.ts';
import { authz } from './authz.ts';
import { check } from './check.ts';
import { complete } from './complete.ts';
import { completion } from './completion.ts';
import type { CommandDeclaration, OptionRow } from './define.ts';
import { describe } from './describe.ts';
import { explain } from './explain.ts';
import { inject } from './inject.ts';
import { install } from './install.ts';
import { profile } from './profile.ts';
import { proxyConfig } from './proxy-config.ts';
import { proxyStatus } from './proxy-status.ts';
import { sandbox } from './sandbox.ts';
import { tap } from './tap.ts';
import { template } from './template.ts';
import { uninject } from './uninject.ts';
import { uninstall } from './uninstall.ts';
import { upgrade } from './upgrade.ts';
import { validate } from './validate.ts';
import { version } from './version.ts';

export const commands: readonly CommandDeclaration[] = [
  analyze,
  validate,
  check,
  describe,
  authz,
  proxyStatus,
  proxyConfig,
  tap,
  inject,
  uninject,
  install,
  upgrade,
  uninstall,
  profile,
  template,
  explain,
  sandbox,
  completion,
  version,
  complete,
];

/** Options that every command takes. */
export const globals: readonly OptionRow[] = [
  { flags: '--color <when>', description: 'use colours', choices: ['auto', 'always', 'never'], default: 'auto' },
  { flags: '-q, --quiet', description: 'print the answer only, no notices' },
  { flags: '-v, --verbose', description: 'say more about what was read, skipped and decided' },
];
