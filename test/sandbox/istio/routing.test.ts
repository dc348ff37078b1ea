/** Where the proxies of the sandbox send requests, by what their access logs say. */
import { describe, expect, it } from 'vitest';
import type { SandboxOptions } from '../../../src/sandbox/options.ts';
import { bookinfoMesh } from '../../../src/sandbox/scenarios/_bookinfo.ts';
import { BOOKINFO } from '../../../src/sandbox/scenarios/_names.ts';
import { object } from '../../../src/sandbox/scenarios/_objects.ts';
import { missingSidecar } from '../../../src/sandbox/scenarios/missing-sidecar.ts';
import { strictAgainstPlaintext } from '../../../src/sandbox/scenarios/strict-against-plaintext.ts';
import { subsetWithoutPods } from '../../../src/sandbox/scenarios/subset-without-pods.ts';
import { openMesh } from './mesh.ts';

/** Status, flags, why, and the cluster of each kind of line in a proxy's log. */
async function logged(options: SandboxOptions, name: string): Promise<ReadonlySet<string>> {
  const { cluster, clock, pod } = await openMesh(options);
  for (let turn = 0; turn < 100; turn++) clock.advance(250);
  const found = new Set<string>();
  for await (const line of cluster.logs(
    { kind: 'core/Pod', namespace: BOOKINFO, name: pod(name).metadata.name },
    { container: 'istio-proxy' },
  )) {
    const [, status, flags, reason] = /^\[[^\]]*\] "[^"]*" (\d+) (\S+) (\S+)/.exec(line) ?? [];
    const upstream = /((?:out|in)bound\|\S*)/.exec(line)?.[1] ?? '-';
    if (status !== undefined) found.add([status, flags, reason, upstream].join(' '));
  }
  return found;
}

const HOST = 'svc.cluster.local';

describe('requests', () => {
  it('arrive where the mesh is healthy', async () => {
    expect([...(await logged(bookinfoMesh(), 'reviews-v2'))].sort()).toEqual([
      '200 - via_upstream inbound|9080||',
      `200 - via_upstream outbound|9080||ratings.bookinfo.${HOST}`,
    ]);
  });

  it('are reset by a proxy that wants mutual TLS', async () => {
    const lines = await logged(strictAgainstPlaintext.options(), 'reviews-v2');
    expect([...lines].filter((line) => line.includes('ratings'))).toEqual([
      `503 UC upstream_reset_before_response_started{connection_termination} outbound|9080||ratings.bookinfo.${HOST}`,
    ]);
  });

  it('find no endpoint in a subset without pods', async () => {
    const lines = await logged(subsetWithoutPods.options(), 'productpage-v1');
    expect(lines).toContain(`503 UH no_healthy_upstream outbound|9080|v4|reviews.bookinfo.${HOST}`);
    expect(lines).toContain(`200 - via_upstream outbound|9080|v1|reviews.bookinfo.${HOST}`);
  });

  it('reach a pod without a proxy in plain text', async () => {
    const lines = await logged(missingSidecar.options(), 'reviews-v2');
    expect(lines).toContain(`200 - via_upstream outbound|9080||ratings.bookinfo.${HOST}`);
  });

  it('are turned away by a policy, whom both sides log', async () => {
    const deny = object('security.istio.io/v1', 'AuthorizationPolicy', BOOKINFO, 'deny', {
      spec: { selector: { matchLabels: { app: 'ratings' } }, action: 'DENY', rules: [{ to: [{ operation: { paths: ['/ratings/*'] } }] }] },
    });
    expect(await logged(bookinfoMesh({ more: [deny] }), 'ratings-v1')).toEqual(
      new Set(['403 - rbac_access_denied_matched_policy[none] inbound|9080||']),
    );
    expect(await logged(bookinfoMesh({ more: [deny] }), 'reviews-v2')).toContain(
      `403 - via_upstream outbound|9080||ratings.bookinfo.${HOST}`,
    );
  });
});
