/** What a proxy can be asked about its configuration, part by part, whichever program it is. */
import type { Cluster } from './cluster.ts';
import type { PodProxy } from './mesh-adapter.ts';
import type { Resource } from './resource.ts';

/** Values of the options that leave less of a part, as they were given. */
export interface PartFilters {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly subset?: string | undefined;
  readonly direction?: 'inbound' | 'outbound' | undefined;
  readonly address?: string | undefined;
  readonly name?: string | undefined;
  readonly path?: string | undefined;
  /** `NAME` or `NAMESPACE/NAME` of a VirtualService, or of the route that a mesh has instead. */
  readonly virtualService?: string | undefined;
  readonly cluster?: string | undefined;
  readonly status?: 'healthy' | 'unhealthy' | undefined;
  /** `HTTP`, `TCP`, `HTTP+TCP`. */
  readonly type?: string | undefined;
  /** Of the rows, not of the proxy. */
  readonly workloadNamespace?: string | undefined;
  readonly node?: string | undefined;
}

export interface ProxyRequest {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly body?: string;
  /** Another port than the one of its administration. */
  readonly port?: number;
}

/** One proxy that is asked, or what was saved of one. */
export interface AskedProxy {
  /** `Pod shop/web-5d7-x2x`, or the path of the file. */
  readonly title: string;
  /** Undefined for a file. */
  readonly pod: Resource | undefined;
  /** The pod that is meant, where the proxy that acts for it is another pod's. */
  readonly client: Resource | undefined;
  /** Undefined for a file. */
  readonly cluster: Cluster | undefined;
  /** The JSON at a path of the administration, asked for once; of a file always what is in it. */
  json(path: string): Promise<unknown>;
  /** @throws MeshctlError E_USAGE for a file, E_PROXY for an answer of 400 and above */
  text(path: string, request?: ProxyRequest): Promise<string>;
  /** Tells the user on standard error what the answer lacks. */
  remark(sentence: string): void;
}

interface PartTable {
  /** Empty for a part that is no list. */
  readonly head: readonly string[];
  readonly lines: readonly (readonly string[])[];
  /** Columns, counted from 0, that are cut last where the terminal is narrow. */
  readonly last?: readonly number[] | undefined;
}

/** A part as it was read. */
export interface PartView {
  /** Rows, or the one object that the part is. */
  readonly value: object;
  table(look: { readonly wide: boolean; readonly now: number }): PartTable;
}

export interface ProxyPart {
  /** Filters that it knows; others would leave it as it is. */
  readonly filters: readonly (keyof PartFilters)[];
  read(proxy: AskedProxy, filters: PartFilters): Promise<PartView>;
  /** What the proxy itself says of it. */
  raw(proxy: AskedProxy): Promise<string>;
}

/** Levels of a proxy's logging by the names of its loggers. */
export type Levels = Readonly<Record<string, string>>;

export interface ProxyLogging {
  levels(proxy: AskedProxy): Promise<Levels>;
  /**
   * @param wanted as written on the command line: `debug`, `http:debug`
   * @returns the levels then
   * @throws MeshctlError E_USAGE for levels and loggers that there are not, before anything is set
   */
  set(proxy: AskedProxy, wanted: readonly string[]): Promise<Levels>;
  /** What to write on the command line to have `before` again. */
  wayBack(before: Levels, after: Levels): readonly string[];
  /** What the proxy was started with, as its pod tells, or what it has when nothing else is said. */
  initial(pod: Resource): readonly string[];
}

/** A program that runs as a proxy. */
export interface ProxyProgram {
  readonly kind: PodProxy['kind'];
  /** `an Envoy`. */
  readonly title: string;
  readonly parts: Readonly<Record<string, ProxyPart>>;
  /** Where one answer holds every part; one that begins with the path of it serves the parts of a file, and of `all`. */
  readonly whole: { readonly path: string } | undefined;
  readonly logging: ProxyLogging;
  /** True for a saved dump of this program; absent where it writes none. */
  isDump?(dump: unknown): boolean;
  /** Counters and gauges as it writes them itself, or for Prometheus; the expression is RE2. */
  stats(proxy: AskedProxy, filter: string | undefined, format: 'own' | 'prometheus'): Promise<string>;
  /** The same for machines. */
  statsValue(proxy: AskedProxy, filter: string | undefined): Promise<unknown>;
}

interface PartRows<Row extends object> {
  readonly filters: readonly (keyof PartFilters)[];
  readonly rows: (proxy: AskedProxy, filters: PartFilters) => Promise<readonly Row[]>;
  readonly head: readonly string[];
  readonly wideHead?: readonly string[];
  /** Lines of the table; several of one row when it has several. */
  readonly cells: (row: Row, wide: boolean, now: number) => readonly (readonly string[])[];
  readonly last?: readonly number[];
  readonly raw: ProxyPart['raw'];
}

/** A part that is a list. */
export const listPart = <Row extends object>({ filters, rows, head, wideHead = [], cells, last, raw }: PartRows<Row>): ProxyPart => ({
  filters,
  raw,
  async read(proxy, given) {
    const found = await rows(proxy, given);
    return {
      value: found,
      table: ({ wide, now }) => ({
        head: wide ? [...head, ...wideHead] : head,
        lines: found.flatMap((row) => cells(row, wide, now)),
        last,
      }),
    };
  },
});

/** A part that is one object, shown as a list of names and values. */
export const objectPart = <Value extends object>({
  value,
  lines,
  raw,
}: {
  readonly value: (proxy: AskedProxy) => Promise<Value>;
  readonly lines: (value: Value, now: number) => readonly (readonly string[])[];
  readonly raw: ProxyPart['raw'];
}): ProxyPart => ({
  filters: [],
  raw,
  async read(proxy) {
    const found = await value(proxy);
    return { value: found, table: ({ now }) => ({ head: [], lines: lines(found, now) }) };
  },
});
