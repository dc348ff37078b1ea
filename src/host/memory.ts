/** A host without a machine: files in a map, a clock that only sleeping moves, captured output. Tests run whole commands on it. */
import type { DirectoryEntry, Ended, Host, Output } from './host.ts';

export interface MemoryHost extends Host {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Files by absolute path, as the command left them. */
  readonly contents: ReadonlyMap<string, string>;
  /** What Ctrl-C does. */
  end(): void;
}

export interface MemoryOptions {
  readonly args?: readonly string[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly stdin?: string | Uint8Array;
  /** What is typed on the terminal, line by line; then its input ends. */
  readonly typed?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly isTTY?: boolean;
  readonly now?: number;
  readonly program?: string;
  /** What programs on the PATH print and exit with, by their names. */
  readonly programs?: Readonly<Record<string, (args: readonly string[], input?: string) => Ended>>;
}

const CWD = '/project';

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

export function memoryHost(options: MemoryOptions = {}): MemoryHost {
  const absolute = (path: string): string => {
    const full = path.startsWith('/') ? path : `${CWD}/${path}`;
    const steps: string[] = [];
    for (const step of full.split('/')) {
      if (step === '..') steps.pop();
      else if (step !== '.' && step !== '') steps.push(step);
    }
    return `/${steps.join('/')}`;
  };
  const contents = new Map<string, string>();
  /** Those of files that are no text. */
  const binary = new Map<string, Uint8Array>();
  const put = (path: string, content: string | Uint8Array): void => {
    contents.set(absolute(path), typeof content === 'string' ? content : Buffer.from(content).toString());
    if (typeof content === 'string') binary.delete(absolute(path));
    else binary.set(absolute(path), content);
  };
  for (const [path, content] of Object.entries(options.files ?? {})) put(path, content);
  const kind = (path: string): DirectoryEntry['kind'] | undefined => {
    if (contents.has(path)) return 'file';
    const inside = path === '/' ? '/' : `${path}/`;
    return path === CWD || [...contents.keys()].some((file) => file.startsWith(inside)) ? 'directory' : undefined;
  };
  const captured = (): [Output, () => string] => {
    let text = '';
    const isTTY = options.isTTY ?? false;
    const write = (more: string): void => {
      text += more;
    };
    return [{ write, ready: async () => true, columns: isTTY ? (options.columns ?? 80) : undefined, isTTY }, () => text];
  };
  // Sleeping takes no time but moves the clock.
  let now = options.now ?? Date.UTC(2026, 0, 1);
  const [out, stdout] = captured();
  const [err, stderr] = captured();
  const ending = new AbortController();
  let folders = 0;
  const typed = [...(options.typed ?? [])];
  return {
    program: options.program ?? 'meshctl',
    args: options.args ?? [],
    env: options.env ?? {},
    cwd: CWD,
    out,
    err,
    stdout,
    stderr,
    contents,
    stdin: {
      isTTY: options.stdin === undefined,
      text: async () => (typeof options.stdin === 'string' ? options.stdin : Buffer.from(options.stdin ?? '').toString()),
      async bytes(mostBytes) {
        const bytes = Buffer.from(options.stdin ?? '');
        if (bytes.length > mostBytes) throw failure('EFBIG', '-');
        return bytes;
      },
      async line(signal) {
        signal.throwIfAborted();
        return typed.shift();
      },
    },
    files: {
      async read(path) {
        const text = contents.get(absolute(path));
        if (text === undefined) throw failure(kind(absolute(path)) === 'directory' ? 'EISDIR' : 'ENOENT', path);
        return text;
      },
      async readBytes(path, mostBytes) {
        const content = contents.get(absolute(path));
        if (content === undefined) throw failure(kind(absolute(path)) === 'directory' ? 'EISDIR' : 'ENOENT', path);
        const bytes = binary.get(absolute(path)) ?? Buffer.from(content);
        if (bytes.length > mostBytes) throw failure('EFBIG', path);
        return bytes;
      },
      async list(directory) {
        const inside = absolute(directory) === '/' ? '/' : `${absolute(directory)}/`;
        const names = new Set<string>();
        for (const file of contents.keys()) {
          const name = file.startsWith(inside) ? file.slice(inside.length).split('/')[0] : undefined;
          if (name) names.add(name);
        }
        return [...names].sort().map((name) => ({ name, kind: kind(`${inside}${name}`) ?? 'other' }));
      },
      kind: async (path) => kind(absolute(path)),
      async realPath(path) {
        if (kind(absolute(path)) === undefined) throw failure('ENOENT', path);
        return absolute(path);
      },
      async write(path, text) {
        put(path, text);
      },
      async save(path, content) {
        put(path, content);
      },
      async replace(path, text) {
        if (!contents.has(absolute(path))) throw failure('ENOENT', path);
        contents.set(absolute(path), text);
      },
      async create(path, text) {
        if (kind(absolute(path)) !== undefined) throw failure('EEXIST', path);
        contents.set(absolute(path), text);
      },
      temporaryFolder: async (prefix) => `/tmp/${prefix}${++folders}`,
      async remove(path) {
        for (const file of [...contents.keys()]) if (`${file}/`.startsWith(`${absolute(path)}/`)) contents.delete(file);
      },
    },
    programs: {
      find: async (prefix) =>
        Object.keys(options.programs ?? {})
          .filter((name) => name.startsWith(prefix))
          .sort()
          .map((name) => ({ name, path: `/bin/${name}` })),
      run: async (path, args, { input }) =>
        options.programs?.[path.slice('/bin/'.length)]?.(args, input) ?? { code: undefined, stdout: '', stderr: '' },
    },
    ending: () => ending.signal,
    end: () => ending.abort(),
    clock: {
      now: () => now,
      async sleep(ms, signal) {
        signal?.throwIfAborted();
        now += ms;
      },
    },
    versions: { meshctl: '0.0.0-test', node: '20.19.0' },
  };
}
