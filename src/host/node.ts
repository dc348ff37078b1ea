import { access, chown, constants, mkdir, mkdtemp, open, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DirectoryEntry, Ended, Host, Output } from './host.ts';

function output(stream: NodeJS.WriteStream): Output {
  // A reader that goes away (`meshctl … | head`) ends the output, not the program.
  let hasReader = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    hasReader = false;
  });
  return {
    write: (text) => void stream.write(text),
    ready: async () => {
      while (hasReader && stream.writableNeedDrain) {
        await new Promise<void>((resolve) => {
          const events = ['drain', 'close', 'error'];
          const go = (): void => {
            for (const event of events) stream.off(event, go);
            resolve();
          };
          for (const event of events) stream.on(event, go);
        });
      }
      return hasReader;
    },
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
    isTTY: stream.isTTY === true,
  };
}

/**
 * Kubernetes refuses what is not UTF-8, so a decoder that guesses would let names pass that no cluster accepts.
 * @throws Error whose message is a clause, as `it is not UTF-8 from line 3 on`
 */
function textFrom(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    // Too large for one text is another matter, and Node's own words for it will do.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
  }
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw new Error('it is UTF-16; save it as UTF-8');
  const text = bytes.toString('utf8');
  throw new Error(`it is not UTF-8 from line ${text.slice(0, text.indexOf('\ufffd')).split('\n').length} on`);
}

async function kindOfPath(path: string): Promise<DirectoryEntry['kind'] | undefined> {
  try {
    const found = await stat(path);
    if (found.isFile() || found.isFIFO() || found.isCharacterDevice()) return 'file';
    return found.isDirectory() ? 'directory' : 'other';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** False for broken links and links in a circle too. */
async function linksToFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path);
  const { mode, uid, gid } = await stat(target);
  // A rename asks for the folder's permission only; a file that is read-only is meant to stay as it is.
  await access(target, constants.W_OK);
  const draft = `${target}.${process.pid}.new`;
  try {
    await writeFile(draft, text, { flag: 'wx', mode: mode & 0o777 });
    // Root may write a file of somebody else, who must be able to read it afterwards.
    if (process.getuid?.() === 0) await chown(draft, uid, gid);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function bytesOf(path: string, mostBytes: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    // What is no regular file says nothing of its size.
    const { size } = await file.stat();
    if (size > mostBytes) throw tooMany(mostBytes);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** How many files this process has saved, so that no two drafts share a name. */
let drafts = 0;

async function saveFile(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.${++drafts}.new`;
  try {
    await writeFile(draft, content, { flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function bytesFrom(stream: NodeJS.ReadStream, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > mostBytes) throw tooMany(mostBytes);
  }
  return Buffer.concat(chunks);
}

const tooMany = (mostBytes: number): Error => Object.assign(new Error(`it has more than ${mostBytes} bytes`), { code: 'EFBIG' });

function lineOf(stream: NodeJS.ReadStream, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (end: () => void): void => {
      stream.off('data', read).off('end', ended).pause();
      signal.removeEventListener('abort', aborted);
      end();
    };
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end >= 0) settle(() => resolve(text.slice(0, end).replace(/\r$/, '')));
    };
    const ended = (): void => settle(() => resolve(text === '' ? undefined : text));
    const aborted = (): void => settle(() => reject(signal.reason));
    if (signal.aborted) return aborted();
    stream.on('data', read).on('end', ended).resume();
    signal.addEventListener('abort', aborted, { once: true });
  });
}

function ending(): AbortSignal {
  const asked = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const end = (): void => {
    // Not at once: what restores the terminal's cursor ends the program when it finds that nobody else listens.
    setImmediate(() => {
      for (const signal of signals) process.off(signal, end);
    });
    asked.abort();
  };
  for (const signal of signals) process.on(signal, end);
  return asked.signal;
}

async function programsNamed(prefix: string): Promise<readonly { readonly name: string; readonly path: string }[]> {
  const found = new Map<string, string>();
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter((each) => each !== '')) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(prefix));
    for (const file of names) {
      const name = file.replace(/\.exe$/i, '');
      const path = join(folder, file);
      if (!found.has(name) && (await linksToFile(path)) && (await isExecutable(path))) found.set(name, path);
    }
  }
  return [...found].map(([name, path]) => ({ name, path })).sort((left, right) => (left.name < right.name ? -1 : 1));
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** More than this no program has to say that is asked for a report. */
const MOST_OUTPUT_BYTES = 16 * 1024 * 1024;

const runProgram: Host['programs']['run'] = async (path, args, { timeoutMs, signal, input }) => {
  // Few commands run programs, and the module takes its time to load.
  const { execFile } = await import('node:child_process');
  return new Promise<Ended>((settle) => {
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MOST_OUTPUT_BYTES, ...(signal ? { signal } : {}) } as const;
    const child = execFile(path, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      settle({ code: typeof code === 'number' ? code : undefined, stdout, stderr });
    });
    // A program that does not read what it is told may be gone before it is said.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
};

/** @param version of meshctl, from its package.json */
export function nodeHost(version: string): Host {
  const cwd = process.cwd();
  const absolute = (path: string): string => resolve(cwd, path);
  return {
    program: basename(process.argv[1] ?? 'meshctl').replace(/\.js$/, ''),
    args: process.argv.slice(2),
    env: process.env,
    cwd,
    out: output(process.stdout),
    err: output(process.stderr),
    stdin: {
      isTTY: process.stdin.isTTY === true,
      text: async () => textFrom(await bytesFrom(process.stdin, Number.POSITIVE_INFINITY)),
      bytes: (mostBytes) => bytesFrom(process.stdin, mostBytes),
      line: (signal) => lineOf(process.stdin, signal),
    },
    files: {
      read: async (path) => textFrom(await readFile(absolute(path))),
      async list(directory) {
        const entries = await readdir(absolute(directory), { withFileTypes: true });
        const listed = entries.map(async (entry): Promise<DirectoryEntry> => {
          if (entry.isFile()) return { name: entry.name, kind: 'file' };
          if (entry.isDirectory()) return { name: entry.name, kind: 'directory' };
          // A link to a file is read; a link to a directory could lead in a circle, one to a pipe or a device never end.
          const isFile = entry.isSymbolicLink() && (await linksToFile(join(absolute(directory), entry.name)));
          return { name: entry.name, kind: isFile ? 'file' : 'other' };
        });
        return (await Promise.all(listed)).sort((left, right) => (left.name < right.name ? -1 : 1));
      },
      readBytes: (path, mostBytes) => bytesOf(absolute(path), mostBytes),
      kind: (path) => kindOfPath(absolute(path)),
      realPath: (path) => realpath(absolute(path)),
      write: (path, text) => writeFile(absolute(path), text),
      save: (path, content) => saveFile(absolute(path), content),
      replace: (path, text) => replaceFile(absolute(path), text),
      create: (path, text) => writeFile(absolute(path), text, { flag: 'wx', mode: 0o600 }),
      temporaryFolder: (prefix) => mkdtemp(join(tmpdir(), prefix)),
      remove: (path) => rm(absolute(path), { recursive: true, force: true }),
    },
    programs: { find: programsNamed, run: runProgram },
    ending,
    clock: {
      now: () => Date.now(),
      sleep: (ms, signal) =>
        sleep(ms, undefined, signal ? { signal } : {}).catch((error) => Promise.reject(signal?.aborted ? signal.reason : error)),
    },
    versions: { meshctl: version, node: process.versions.node },
  };
}
