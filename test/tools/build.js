/** Bundles src into dist, one chunk per command, and one for all rules. `bin` imports dist/main.js. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { build } = await import('esbuild');

const root = fileURLToPath(new URL('../../', import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // The CommonJS form of jsonc-parser hides its parts from bundlers.
  mainFields: ['module', 'main'],
  minifySyntax: true,
  metafile: true,
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
  // CommonJS packages inside an ES module still call require for Node's own modules.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
});
const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
process.stdout.write(`Built ${Object.keys(metafile.outputs).length} chunks, ${Math.round(bytes / 1024)} KiB.\n`);
