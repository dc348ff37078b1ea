/** Lists in pages. A page is of the revision at which the list began. */
import { type ServedType, storageKind } from '../kinds/served-type.ts';
import type { KubeObject } from '../store/object.ts';
import type { Backend } from './backend.ts';
import { parseSelectors } from './selectors.ts';
import { badRequest, expired } from './status.ts';

export interface Page {
  readonly items: readonly KubeObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
}

interface Snapshot {
  readonly items: readonly KubeObject[];
  readonly revision: number;
  readonly takenAt: number;
}

const KEPT = 200;
const KEPT_MS = 5 * 60_000;

/** Lists that are being read in pages; old ones expire, as they do in etcd. */
export class Snapshots {
  readonly #kept = new Map<string, Snapshot>();
  #next = 1;

  keep(snapshot: Snapshot): string {
    const id = String(this.#next++);
    this.#kept.set(id, snapshot);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return id;
  }

  find(id: string, now: number): Snapshot | undefined {
    const found = this.#kept.get(id);
    return found && now - found.takenAt <= KEPT_MS ? found : undefined;
  }

  expire(): void {
    this.#kept.clear();
  }
}

function tokenOf(text: string): { readonly id: string; readonly from: number } {
  const parts = /^(\d+):(\d+)$/.exec(Buffer.from(text, 'base64url').toString('utf8'));
  if (!parts) throw badRequest(`continue key is not valid: ${text}`);
  return { id: parts[1] ?? '', from: Number(parts[2]) };
}

export function listPage(backend: Backend, snapshots: Snapshots, type: ServedType, namespace: string, query: URLSearchParams): Page {
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit) || limit < 0) throw badRequest(`limit: Invalid value: ${query.get('limit')}`);
  const next = query.get('continue') ?? '';
  const now = backend.now();
  if (next === '') {
    const match = parseSelectors(query, type);
    const items = backend.store.list(storageKind(type), namespace).filter(match);
    const snapshot = { items, revision: backend.store.revision, takenAt: now };
    if (limit === 0 || items.length <= limit) return { items, metadata: { resourceVersion: String(snapshot.revision) } };
    return pageOf(snapshot, snapshots.keep(snapshot), 0, limit);
  }
  const { id, from } = tokenOf(next);
  const snapshot = snapshots.find(id, now);
  if (!snapshot) {
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.',
    );
  }
  return pageOf(snapshot, id, from, limit === 0 ? snapshot.items.length : limit);
}

function pageOf({ items, revision }: Snapshot, id: string, from: number, limit: number): Page {
  const end = from + limit;
  const remaining = items.length - end;
  const metadata = { resourceVersion: String(revision) };
  if (remaining <= 0) return { items: items.slice(from), metadata };
  return {
    items: items.slice(from, end),
    metadata: { ...metadata, continue: Buffer.from(`${id}:${end}`).toString('base64url'), remainingItemCount: remaining },
  };
}
