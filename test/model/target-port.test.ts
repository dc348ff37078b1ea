import { expect, it } from 'vitest';
import { targetPort } from '../../src/model/target-port.ts';

const pod = {
  containers: [{ name: 'web', ports: [{ name: 'http', containerPort: 8080 }] }],
  initContainers: [{ name: 'istio-proxy', restartPolicy: 'Always', ports: [{ name: 'admin', containerPort: 15000 }] }],
};

it.each([
  [{ port: 80 }, 80],
  [{ port: 80, targetPort: 8081 }, 8081],
  [{ port: 80, targetPort: '8081' }, 8081],
  [{ port: 80, targetPort: 'http' }, 8080],
  [{ port: 80, targetPort: 'admin' }, 15000],
  [{ port: 80, targetPort: 'grpc' }, undefined],
])('leads %j to %s', (port, expected) => {
  expect(targetPort(port, pod)).toBe(expected);
});
