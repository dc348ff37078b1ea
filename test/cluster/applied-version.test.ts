import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { appliedVersion, LAST_APPLIED } from '../../src/cluster/applied-version.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Body } from '../../src/model/resource.ts';
import { startSandbox } from '../../src/sandbox/server.ts';

const OLD = 'networking.istio.io/v1beta1';
const NEW = 'networking.istio.io/v1';

const entry = (operation: string, apiVersion: string, more: object = {}): object => ({ manager: 'a', operation, apiVersion, ...more });
const annotation = (apiVersion: string): object => ({ annotations: { [LAST_APPLIED]: JSON.stringify({ apiVersion }) } });
describe('the version that was applied', () => {
  it.each([
    ['nothing is known', {}, undefined],
    ['it was only created or updated, as by Helm', { managedFields: [entry('Update', OLD)] }, undefined],
    ['kubectl applied it', { ...annotation(OLD), managedFields: [entry('Update', OLD)] }, OLD],
    [
      'kubectl applied it in the new version, and fields that did not change have an old entry',
      { ...annotation(NEW), managedFields: [entry('Update', OLD), entry('Update', NEW)] },
      NEW,
    ],
    ['it was applied on the server', { managedFields: [entry('Apply', OLD), entry('Update', NEW)] }, OLD],
    ['several apply it in one version', { ...annotation(OLD), managedFields: [entry('Apply', OLD), entry('Apply', OLD)] }, OLD],
    ['others apply it in the new version', { managedFields: [entry('Apply', OLD), entry('Apply', NEW)] }, undefined],
    ['its annotation is left over from the time before', { ...annotation(OLD), managedFields: [entry('Apply', NEW)] }, undefined],
    ['only its status was applied', { managedFields: [entry('Apply', OLD, { subresource: 'status' })] }, undefined],
    ['its annotation is broken', { annotations: { [LAST_APPLIED]: '{' } }, undefined],
  ])('when %s', (_, metadata, version) => {
    expect(appliedVersion(metadata as Body)).toBe(version);
  });
});

describe('live analyze', () => {
  it('names objects that are still applied in a deprecated version, and no others', async () => {
    const versions = ['v1', 'v1beta1'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    }));
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'destinationrules.networking.istio.io' },
      spec: {
        group: 'networking.istio.io',
        scope: 'Namespaced',
        names: { plural: 'destinationrules', kind: 'DestinationRule', singular: 'destinationrule', listKind: 'DestinationRuleList' },
        versions,
      },
    };
    const rule = (name: string, annotated: string): object => ({
      apiVersion: NEW,
      kind: 'DestinationRule',
      metadata: { name, namespace: 'shop', ...annotation(annotated) },
      spec: { host: name },
    });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
    const sandbox = await startSandbox({ objects: [namespace, crd, rule('old', OLD), rule('new', NEW)] });
    const args = ['analyze', '-n', 'shop', '-o', 'json', '--rule', 'istio-deprecation/api-version-current'];
    const host = memoryHost({ args, files: { '/kube': sandbox.kubeconfig() }, env: { KUBECONFIG: '/kube' } });
    await main(host);
    await sandbox.close();
    expect(JSON.parse(host.stdout()).findings.map(({ message }: { message: string }) => message)).toEqual([
      `DestinationRule "old" was last applied in "${OLD}", which "${NEW}" has superseded (Istio 1.22).`,
    ]);
  });
});
