/** Routes that the sandbox has no traffic for, by metrics as the proxy writes them. */
import { expect, it } from 'vitest';
import { routes } from '../../../../src/mesh/linkerd/proxy-config/routes.ts';
import type { Cluster } from '../../../../src/model/cluster.ts';
import type { AskedProxy } from '../../../../src/model/proxy-part.ts';
import type { Kind } from '../../../../src/model/resource.ts';
import { resourcesFrom } from '../../../builders.ts';

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: { name: web, namespace: shop }\nspec: { containers: [{ name: linkerd-proxy }] }\n';
const parent = (kind: string, name: string, port: number): string =>
  `parent_group="core",parent_kind="${kind}",parent_namespace="shop",parent_name="${name}",parent_port="${port}",parent_section_name=""`;
const DEFAULT = 'route_group="",route_kind="default",route_namespace="",route_name="opaq"';
const METRICS = `
outbound_tcp_balancer_p2c_endpoints{${parent('Service', 'db', 5432)},backend_kind="Service",backend_namespace="shop",backend_name="db",backend_port="5432"} 2
outbound_tcp_route_open_total{${parent('Service', 'db', 5432)},${DEFAULT}} 7
outbound_tls_route_open_total{${parent('EgressNetwork', 'internet', 443)},route_group="gateway.networking.k8s.io",route_kind="TLSRoute",route_namespace="shop",route_name="to-github"} 3
outbound_grpc_route_request_statuses_total{${parent('Service', 'cart', 80)},route_kind="default",route_name="grpc",hostname="",grpc_status="OK",error=""} 5
outbound_grpc_route_request_statuses_total{${parent('Service', 'cart', 80)},route_kind="default",route_name="grpc",hostname="",grpc_status="INTERNAL",error=""} 2
outbound_grpc_route_request_statuses_total{${parent('Service', 'cart', 80)},route_kind="default",route_name="grpc",hostname="",grpc_status="",error="FAIL_FAST"} 1
`;
const OBJECTS = `apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TLSRoute
metadata: { name: to-github, namespace: shop }
spec:
  hostnames: [github.com]
  parentRefs: [{ group: policy.linkerd.io, kind: EgressNetwork, name: internet, port: 443 }]
  rules: [{ backendRefs: [{ group: policy.linkerd.io, kind: EgressNetwork, name: internet }] }]
status:
  parents:
    - controllerName: linkerd.io/policy-controller
      parentRef: { group: policy.linkerd.io, kind: EgressNetwork, name: internet }
      conditions: [{ type: Accepted, status: "True" }]
`;

it('routes of connections and of ways out of the cluster count these', async () => {
  const [pod] = resourcesFrom(POD);
  const objects = resourcesFrom(OBJECTS);
  const cluster = {
    async *list(kind: Kind) {
      yield objects.filter((each) => each.kind === kind);
    },
  } as unknown as Cluster;
  const proxy: AskedProxy = {
    ...{ title: 'Pod shop/web', pod, client: undefined, cluster, json: async () => ({}), text: async () => METRICS },
    remark: (sentence) => {
      throw new Error(sentence);
    },
  };
  const { lines } = (await routes.read(proxy, {})).table({ wide: false, now: 0 });
  expect(lines).toEqual([
    ['shop/cart:80', 'default', '/*', 'cart:80', '-', '8', '3'],
    ['shop/db:5432', 'default', 'connections', 'db:5432', '-', '7', '-'],
    ['EgressNetwork shop/internet:443', 'TLSRoute to-github', 'connections', 'EgressNetwork internet', '-', '3', '-'],
  ]);
});
