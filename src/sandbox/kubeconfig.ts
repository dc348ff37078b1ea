import { writeYaml } from '../text/yaml-write.ts';

/**
 * A kubeconfig with one context, `sandbox`.
 * @param authority PEM of the authority that the server's certificate is from; absent for plain HTTP
 */
export function kubeconfigFor(url: string, token: string, authority: string | undefined): string {
  const ca = authority === undefined ? {} : { 'certificate-authority-data': Buffer.from(authority).toString('base64') };
  return writeYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'sandbox', cluster: { server: url, ...ca } }],
    users: [{ name: 'sandbox', user: { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'sandbox', namespace: 'default' } }],
    'current-context': 'sandbox',
  });
}
