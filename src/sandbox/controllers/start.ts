import type { Backend } from '../api/backend.ts';
export function startControllers(_backend: Backend): () => void {
  return () => undefined;
}
