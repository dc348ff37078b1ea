import type { Server } from 'node:http';
import type { Backend } from '../api/backend.ts';
export function servePortForwards(_server: Server, _backend: Backend, _refused: unknown): void {}
