#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`meshctl needs Node.js 20.19 or newer; this is ${process.versions.node}.\n`);
  process.exit(2);
}
const bundle = new URL('../dist/main.js', import.meta.url);
if (!existsSync(bundle)) {
  process.stderr.write(`meshctl is not built yet.\nRun "npm run build" in ${fileURLToPath(new URL('..', import.meta.url))}.\n`);
  process.exit(2);
}
module.enableCompileCache?.();
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const { main, nodeHost } = await import('../dist/main.js');
process.exitCode = await main(nodeHost(version));
