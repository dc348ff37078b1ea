/** Which meshes a set of objects shows. */
import { describe, expect, it } from 'vitest';
import { analyzedMeshes } from '../../src/mesh/analyzed.ts';
import { meshes } from '../../src/mesh/index.ts';
import type { Kind } from '../../src/model/resource.ts';
import { setFrom } from '../builders.ts';
import { namespace, podWebhook, workload } from '../checks/objects.ts';

const detected = (objects: string, ...served: readonly Kind[]): readonly string[] => {
  const set = setFrom(objects);
  return meshes.filter((mesh) => mesh.detect({ ...set, kinds: () => [...set.kinds(), ...served] })).map(({ id }) => id);
};

const annotated = (annotations: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { template: { metadata: { annotations }, spec: { containers: [] } } },
  });

describe('detection', () => {
  it('tries the meshes that have an adapter, in the same order', () => {
    expect(analyzedMeshes.map(({ id }) => id)).toEqual(meshes.map(({ id }) => id));
    expect(analyzedMeshes.map(({ detect }) => detect)).toEqual(meshes.map(({ detect }) => detect));
  });

  it('knows a mesh by its control plane', () => {
    expect(detected(workload('a/b', { labels: { app: 'kuma-control-plane' } }))).toEqual(['kuma']);
    expect(detected(workload('a/b', { labels: { app: 'kong-mesh-control-plane' } }))).toEqual(['kuma']);
    expect(detected(workload('a/b', { labels: { app: 'consul', component: 'connect-injector' } }))).toEqual(['consul']);
    expect(detected(workload('a/b', { labels: { app: 'osm-controller' } }))).toEqual(['osm']);
    expect(detected(workload('a/b', { labels: { 'app.kubernetes.io/name': 'appmesh-controller' } }))).toEqual(['appmesh']);
  });

  it('knows a mesh by the kinds that are served, and by what others carry of it', () => {
    expect(detected('', 'kuma.io/Mesh')).toEqual(['kuma']);
    expect(detected('', 'consul.hashicorp.com/ServiceDefaults')).toEqual(['consul']);
    expect(detected('', 'config.openservicemesh.io/MeshConfig')).toEqual(['osm']);
    expect(detected('', 'appmesh.k8s.aws/Mesh')).toEqual(['appmesh']);
    expect(detected(namespace('shop', { 'kuma.io/sidecar-injection': 'enabled' }))).toEqual(['kuma']);
    expect(detected(namespace('shop', { 'openservicemesh.io/monitored-by': 'osm' }))).toEqual(['osm']);
    expect(detected(namespace('shop', { 'appmesh.k8s.aws/sidecarInjectorWebhook': 'enabled' }))).toEqual(['appmesh']);
    expect(detected(annotated({ 'consul.hashicorp.com/connect-inject': 'true' }))).toEqual(['consul']);
  });

  it('does not take the servers of Consul, or its catalog, for a mesh', () => {
    const servers = { 'consul.hashicorp.com/connect-inject': 'false', 'consul.hashicorp.com/config-checksum': '8f3a' };
    expect(detected(annotated(servers))).toEqual([]);
    const synced = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', annotations: { 'consul.hashicorp.com/service-sync': 'true' } },
    };
    expect(detected(JSON.stringify(synced))).toEqual([]);
    expect(detected(workload('a/b', { kind: 'StatefulSet', labels: { app: 'consul', component: 'server' } }))).toEqual([]);
  });

  it('does not take the namespace that Kuma leaves behind for Kuma', () => {
    expect(detected(namespace('kuma-system', { 'kuma.io/system-namespace': 'true' }))).toEqual([]);
  });

  it('does not take an opt-out for a mesh', () => {
    expect(
      detected(annotated({ 'sidecar.istio.io/inject': 'false', 'linkerd.io/inject': 'disabled', 'kuma.io/sidecar-injection': 'disabled' })),
    ).toEqual([]);
    expect(detected(namespace('shop', { 'istio-injection': 'disabled', 'appmesh.k8s.aws/sidecarInjectorWebhook': 'disabled' }))).toEqual(
      [],
    );
    expect(detected(annotated({ 'sidecar.istio.io/inject': 'true' }))).toEqual(['istio']);
  });

  it('does not take what is served or called by others for a mesh', () => {
    expect(detected(namespace('shop'), 'split.smi-spec.io/TrafficSplit', 'api-gateway.consul.hashicorp.com/GatewayClassConfig')).toEqual(
      [],
    );
    expect(detected(podWebhook('pod-identity-webhook.amazonaws.com'))).toEqual([]);
  });
});
