import type { Run } from './define.ts';
import { bring } from './install.bring.ts';

export const run: Run = (args, options, context) => bring('install', args, options, context);
