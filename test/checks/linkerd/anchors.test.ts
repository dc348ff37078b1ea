/** Everything that `linkerd check` looks at is looked at here too, under the name that its documentation has for it. */
import { describe, expect, it } from 'vitest';
import { kubernetesChecks } from '../../../src/checks/kubernetes.ts';
import { checks } from '../../../src/mesh/linkerd/checks/index.ts';

const CORE = `cni-plugin-cm-exists cni-plugin-cr-exists cni-plugin-crb-exists cni-plugin-ds-exists cni-plugin-ready cni-plugin-sa-exists
  gateway-api-crd k8s-api k8s-version l5d-api-control-ready l5d-cluster-networks-cidr l5d-cluster-networks-pods
  l5d-control-plane-replicas l5d-cp-proxy-cli-version l5d-cp-proxy-healthy l5d-cp-proxy-version l5d-data-plane-cli-version
  l5d-data-plane-exists l5d-data-plane-pod-labels l5d-data-plane-ready l5d-data-plane-services-annotations
  l5d-data-plane-services-labels l5d-data-plane-version l5d-existence-cr l5d-existence-crb l5d-existence-crd
  l5d-existence-linkerd-config l5d-existence-mwc l5d-existence-ns l5d-existence-replicasets l5d-existence-sa
  l5d-existence-unschedulable-pods l5d-existence-vwc l5d-extension-namespaces l5d-identity-cert-config-valid
  l5d-identity-data-plane-proxies-certs-match-ca l5d-identity-issuer-cert-is-time-valid
  l5d-identity-issuer-cert-issued-by-trust-anchor l5d-identity-issuer-cert-not-expiring-soon
  l5d-identity-issuer-cert-uses-supported-crypto l5d-identity-trustAnchors-are-time-valid
  l5d-identity-trustAnchors-not-expiring-soon l5d-identity-trustAnchors-use-supported-crypto
  l5d-policy-validator-webhook-cert-not-expiring-soon l5d-policy-validator-webhook-cert-valid l5d-proxy-init-run-as-root
  l5d-proxy-injector-webhook-cert-not-expiring-soon l5d-proxy-injector-webhook-cert-valid
  l5d-sp-validator-webhook-cert-not-expiring-soon l5d-sp-validator-webhook-cert-valid l5d-version-cli l5d-version-control
  l5d-version-latest linkerd-opaque-ports-definition pre-k8s pre-k8s-clock-skew pre-k8s-cluster-k8s pre-ns`;

const VIZ = `l5d-data-plane-exists l5d-data-plane-prom l5d-tap-api l5d-tap-cert-not-expiring-soon l5d-tap-cert-valid l5d-viz-cr-exists
  l5d-viz-crb-exists l5d-viz-data-plane-prom-authz l5d-viz-existence-client l5d-viz-metrics-api l5d-viz-ns-exists
  l5d-viz-pods-injection l5d-viz-pods-running l5d-viz-prometheus l5d-viz-proxy-cli-version l5d-viz-proxy-cp-version
  l5d-viz-proxy-healthy`;

const MULTICLUSTER = `l5d-multicluster-clusters-share-anchors l5d-multicluster-gateways-endpoints l5d-multicluster-link-crd-exists
  l5d-multicluster-links-are-valid l5d-multicluster-links-version l5d-multicluster-managed-controllers
  l5d-multicluster-orphaned-services l5d-multicluster-proxy-cli-version l5d-multicluster-proxy-cp-version
  l5d-multicluster-proxy-healthy l5d-multicluster-service-mirror-running l5d-multicluster-services-endpoints
  l5d-multicluster-source-rbac-correct l5d-smc-target-clusters-access`;

const ANCHORS = [...new Set([CORE, VIZ, MULTICLUSTER].join(' ').split(/\s+/))];

/** Rows that have no counterpart, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'l5d-version-latest': 'meshctl asks nobody outside of the cluster which release is the latest.',
  'l5d-version-cli': "whether linkerd's own command line is the latest release is no question about the cluster.",
};

describe('every row of linkerd check', () => {
  const named = new Set([...kubernetesChecks, ...checks].flatMap(({ aliases = [] }) => aliases));

  it('is an alias of a check, but for the exceptions', () => {
    expect(ANCHORS.length).toBe(88);
    expect(ANCHORS.filter((anchor) => !named.has(anchor) && !Object.hasOwn(EXCEPTIONS, anchor))).toEqual([]);
  });

  it('is documented where the check says', () => {
    for (const { id, docs } of checks.filter(({ aliases = [] }) => aliases.length > 0))
      expect(docs, id).toMatch(/^https:\/\/linkerd\.io\/2\//);
  });

  it('has no exception that is no row, or is a check after all', () => {
    expect(Object.keys(EXCEPTIONS).filter((anchor) => !ANCHORS.includes(anchor) || named.has(anchor))).toEqual([]);
  });
});
