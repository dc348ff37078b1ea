/** The only door to the machine: arguments, files, streams, time. `node.ts` is the real one, `memory.ts` serves tests. */

export interface Output {
  write(text: string): void;
  /** Waits until what was written has room, for those who write without end; false when the reader has gone. */
  ready(): Promise<boolean>;
  /** Width of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
  readonly isTTY: boolean;
}

export interface DirectoryEntry {
  readonly name: string;
  /** `other` is whatever a walk passes over: sockets, broken links, links to directories. */
  readonly kind: 'file' | 'directory' | 'other';
}

export interface Ended {
  /** Undefined when the program was killed, or could not be started. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Host {
  /** The name that the program was called by, without its folder: `meshctl`, unless a link has another name. */
  readonly program: string;
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: Output;
  readonly err: Output;
  readonly stdin: {
    readonly isTTY: boolean;
    text(): Promise<string>;
    /** Fails with EFBIG for more of them. */
    bytes(mostBytes: number): Promise<Uint8Array>;
    /** The next line that is typed, without its end; undefined when there will be none. Rejects with the signal's reason. */
    line(signal: AbortSignal): Promise<string | undefined>;
  };
  /** Paths are absolute, or relative to `cwd`. Failures carry Node's `code`: ENOENT, EACCES, EISDIR. */
  readonly files: {
    read(path: string): Promise<string>;
    /** Fails with EFBIG for a file that is larger. */
    readBytes(path: string, mostBytes: number): Promise<Uint8Array>;
    /** Sorted by name. */
    list(directory: string): Promise<readonly DirectoryEntry[]>;
    kind(path: string): Promise<'file' | 'directory' | 'other' | undefined>;
    /** The absolute path without links. */
    realPath(path: string): Promise<string>;
    write(path: string, text: string): Promise<void>;
    /** Writes all of it or nothing, whoever else writes the same file meanwhile, and makes the folders above it. */
    save(path: string, content: string | Uint8Array): Promise<void>;
    /** Another text for a file that exists, all of it or nothing; permissions stay, and a link goes on pointing at it. */
    replace(path: string, text: string): Promise<void>;
    /** A new file that its owner alone may read; fails with EEXIST where there is one. */
    create(path: string, text: string): Promise<void>;
    /** A new folder of the owner's alone, among the machine's temporary files; its absolute path. */
    temporaryFolder(prefix: string): Promise<string>;
    /** A file, or a folder with all it holds; nothing happens where there is none. */
    remove(path: string): Promise<void>;
  };
  /** Other programs of the machine. */
  readonly programs: {
    /** Executable files on the PATH whose names begin so, sorted by name; of several of one name the first. */
    find(prefix: string): Promise<readonly { readonly name: string; readonly path: string }[]>;
    /** Runs one without terminal, and kills it when it takes too long or the signal is aborted. */
    run(
      path: string,
      args: readonly string[],
      options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined; readonly input?: string },
    ): Promise<Ended>;
  };
  /** Aborted when the program is asked to end, by Ctrl-C or by the system; being asked twice ends it at once. */
  readonly ending: () => AbortSignal;
  readonly clock: {
    now(): number;
    /** Rejects with the signal's reason when it is aborted before the time is over. */
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
  };
  /** Version of meshctl, and of the platform it runs on. */
  readonly versions: { readonly meshctl: string; readonly node: string };
}
