import { posix } from 'node:path';
import { func } from '../builtins.ts';
import type { Func } from '../value.ts';

const base = func(['string'], (path: string) => (path === '' ? '.' : /^\/+$/.test(path) ? '/' : posix.basename(path)));
const dir = func(['string'], (path: string) => clean(path.slice(0, path.lastIndexOf('/') + 1)));
const cleaned = func(['string'], (path: string) => clean(path));
const ext = func(['string'], (path: string) => /\.[^./]*$/.exec(path)?.[0] ?? '');
const isAbs = func(['string'], (path: string) => path.startsWith('/'));

function clean(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 ? normal.replace(/\/$/, '') : normal;
}

export const pathFunctions: Readonly<Record<string, Func>> = {
  ...{ base, dir, clean: cleaned, ext, isAbs },
  ...{ osBase: base, osDir: dir, osClean: cleaned, osExt: ext, osIsAbs: isAbs },
};
