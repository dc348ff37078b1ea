import { expect, it } from 'vitest';
import { ownerOf } from '../../../../src/mesh/istio/inject/owner.ts';
import type { Body } from '../../../../src/model/resource.ts';

const pod = (kind: string, name: string, labels: Body = {}, apiVersion = 'apps/v1'): Body => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    generateName: 'p-',
    labels,
    ownerReferences: [
      { apiVersion: 'x', kind: 'X', name: 'x' },
      { apiVersion, kind, name, controller: true },
    ],
  },
});

it.each([
  ['apps/v1 Deployment web', pod('ReplicaSet', 'web-5d8c', { 'pod-template-hash': '5d8c' })],
  ['v1alpha1 Rollout web', pod('ReplicaSet', 'web-5d8c', { 'rollouts-pod-template-hash': '5d8c' })],
  ['apps/v1 ReplicaSet web-5d8c', pod('ReplicaSet', 'web-5d8c')],
  ['v1 DeploymentConfig web', pod('ReplicationController', 'web-1', { deploymentconfig: 'web' }, 'v1')],
  ['batch/v1 CronJob nightly', pod('Job', 'nightly-28012345', {}, 'batch/v1')],
  ['batch/v1 Job once', pod('Job', 'once', {}, 'batch/v1')],
  ['apps/v1 StatefulSet db', pod('StatefulSet', 'db')],
  ['v1 Pod p', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }],
])('a pod belongs to %s', (owner, object) => {
  const { apiVersion, kind, name } = ownerOf(object, true, { metadata: (object['metadata'] ?? {}) as Body, spec: {} });
  expect(`${apiVersion} ${kind} ${name}`).toBe(owner);
});
