/** Saved dumps, without any cluster. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import '../../src/commands/proxy-config.run.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Said } from './asking.ts';

const CLUSTER = { name: 'outbound|80||web.shop.svc.cluster.local', type: 'EDS' };
const DUMP = { configs: [{ dynamic_active_clusters: [{ version_info: '1', cluster: CLUSTER }] }] };
const HOST = { address: { socket_address: { address: '10.0.0.1', port_value: 80 } } };
const CLUSTERS = { cluster_statuses: [{ name: CLUSTER.name, host_statuses: [HOST] }] };
const ZTUNNEL = { workloads: [{ name: 'web', namespace: 'shop', workloadIps: ['10.0.0.1'], protocol: 'HBONE' }], services: [] };

async function pc(args: string, dump: unknown, packed = false): Promise<Said> {
  const text = JSON.stringify(dump);
  const host = memoryHost({
    args: ['pc', ...args.split(' ')],
    files: { 'dump.json': packed ? gzipSync(text) : text },
    stdin: packed ? gzipSync(text) : text,
  });
  const exit = await main(host);
  return { exit, out: host.stdout(), err: host.stderr() };
}

describe('proxy-config of a file', () => {
  it.each([false, true])('reads it and standard input (packed: %s)', async (packed) => {
    for (const file of ['dump.json', '-']) {
      expect((await pc(`clusters -f ${file}`, DUMP, packed)).out).toMatch(/^web\.shop +80 +- +outbound +EDS +-$/m);
      expect((await pc(`workloads -f ${file}`, ZTUNNEL, packed)).out).toMatch(/^shop +web +10\.0\.0\.1 +- +HBONE$/m);
    }
  });

  it('knows by the dump which program wrote it', async () => {
    expect(Object.keys(JSON.parse((await pc('all -f dump.json -o json', ZTUNNEL)).out))).toContain('workloads');
    expect(Object.keys(JSON.parse((await pc('all -f dump.json -o json', DUMP)).out))).toContain('clusters');
    expect(await pc('workloads -f dump.json', DUMP)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('dump.json is the dump of an Envoy, which has no workloads (a ztunnel has).'),
    });
  });

  it('finds how endpoints fare beside the dump', async () => {
    const { out } = await pc('endpoints -f dump.json', { 'web-0': { config_dump: DUMP, clusters: CLUSTERS } });
    expect(out).toMatch(/^10\.0\.0\.1:80 +HEALTHY +OK +outbound\|80\|\|web\.shop/m);
  });

  it.each([
    ['clusters -f dump.json', { hello: 1 }, '"dump.json" is no dump of a proxy that meshctl knows.'],
    ['workloads -f -', { hello: 1 }, '"standard input" is no dump of a proxy that meshctl knows.'],
    ['stats -f dump.json', DUMP, 'A saved dump holds neither levels of logging nor stats.'],
    ['log -f dump.json', ZTUNNEL, 'A saved dump holds neither levels of logging nor stats.'],
    ['identity -f dump.json', DUMP, 'which has no identity (a proxy of Linkerd has)'],
    ['clusters -f gone.json', DUMP, '"gone.json" cannot be read: it does not exist.'],
  ])('fails clearly: %s', async (args, dump, message) => {
    const { exit, out, err } = await pc(args, dump);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });
});
