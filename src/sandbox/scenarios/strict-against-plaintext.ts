import { bookinfoMesh, destinationRule } from './_bookinfo.ts';
import type { Scenario } from './_scenario.ts';

export const strictAgainstPlaintext: Scenario = {
  name: 'strict-against-plaintext',
  summary: 'bookinfo, but a DestinationRule sends plain text to ratings, which demands mutual TLS',
  options: () =>
    bookinfoMesh({
      replace: ({ kind, metadata: { name } }) =>
        kind === 'DestinationRule' && name === 'ratings' ? destinationRule('ratings', ['v1'], { tls: { mode: 'DISABLE' } }) : undefined,
    }),
};
