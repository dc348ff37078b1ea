import { EXIT } from '../errors.ts';
import { type Run, textOf } from './define.ts';

export const run: Run = async (_args, options, { host }) => {
  const { meshctl, node } = host.versions;
  const text =
    textOf(options, 'output') === 'json'
      ? `${JSON.stringify({ apiVersion: 'meshctl.dev/v1', kind: 'Version', meshctl, node }, undefined, 2)}\n`
      : `meshctl ${meshctl} (Node.js ${node})\n`;
  return { text, exit: EXIT.fine };
};
