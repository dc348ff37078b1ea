import { describe, expect, it } from 'vitest';
import { handlingOf, protocolNamed, servicePortProtocol } from '../../../src/mesh/istio/protocol.ts';

describe('servicePortProtocol', () => {
  it.each([
    [{ name: 'http', port: 80 }, 'HTTP'],
    [{ name: 'http-web', port: 80 }, 'HTTP'],
    [{ name: 'HTTP2-web', port: 80 }, 'HTTP2'],
    [{ name: 'grpc-web', port: 80 }, 'GRPC-Web'],
    [{ name: 'grpc-web-ui', port: 80 }, 'GRPC-Web'],
    [{ name: 'grpc', port: 80 }, 'GRPC'],
    [{ name: 'web', port: 80 }, undefined],
    [{ name: 'httpweb', port: 80 }, undefined],
    [{ port: 80 }, undefined],
    [{ name: 'web', appProtocol: 'http', port: 80 }, 'HTTP'],
    [{ name: 'http', appProtocol: 'amqp', port: 80 }, undefined],
    [{ appProtocol: 'kubernetes.io/h2c', port: 80 }, 'HTTP2'],
    [{ appProtocol: 'kubernetes.io/wss', port: 80 }, 'HTTPS'],
    [{ name: 'kubernetes.io/h2c', port: 80 }, undefined],
    [{ name: 'http', protocol: 'UDP', port: 80 }, 'UDP'],
    [{ name: 'db', port: 3306 }, 'TCP'],
    [{ name: 'http-db', port: 3306 }, 'HTTP'],
    [{ name: 7, port: 'x' }, undefined],
  ])('reads %j as %s', (port, expected) => {
    expect(servicePortProtocol(port)).toBe(expected);
  });
});

describe('protocolNamed', () => {
  it('knows names of any case, and no prefixes', () => {
    expect(['Http', 'TCP', 'http-web', ''].map(protocolNamed)).toEqual(['HTTP', 'TCP', undefined, undefined]);
  });
});

describe('handlingOf', () => {
  it('tells what a sidecar does with a protocol', () => {
    expect((['TLS', 'HTTP', 'GRPC', 'UDP'] as const).map(handlingOf)).toEqual(['TCP', 'HTTP/1.1', 'HTTP/2', undefined]);
  });
});
