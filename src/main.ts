/** Entry of the bundle: what `bin` needs. */
export { main } from './cli.ts';
export { nodeHost } from './host/node.ts';
