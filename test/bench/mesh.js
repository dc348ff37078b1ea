/** A made-up mesh of any size: applications of five objects each, one in a hundred with a mistake. */

function application(index) {
  const namespace = `team-${index % 40}`;
  const name = `app-${index}`;
  const target = index % 100 === 7 ? `${name}-gone` : name;
  return `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} } }
spec:
  selector: { app: ${name} }
  ports:
    - { name: http, port: 8080, targetPort: 8080 }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata:
      labels: { app: ${name}, version: v1, sidecar.istio.io/inject: "true" }
    spec:
      serviceAccountName: ${name}
      containers:
        - name: main
          image: registry.example/${name}:1.0
          ports: [{ containerPort: 8080 }]
          env:
            - { name: MODE, value: production }
            - { name: LIMIT, value: "100" }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  hosts: [${name}]
  http:
    - name: canary
      match:
        - headers: { x-canary: { exact: "true" } }
      route:
        - destination: { host: ${name}, subset: v1, port: { number: 8080 } }
    - name: default
      route:
        - destination: { host: ${target}.${namespace}.svc.cluster.local, port: { number: 8080 } }
      timeout: 5s
      retries: { attempts: 2, perTryTimeout: 2s }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  host: ${name}
  trafficPolicy:
    outlierDetection: { consecutive5xxErrors: 5, interval: 30s }
  subsets:
    - name: v1
      labels: { version: v1 }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: ${name} } }
  rules:
    - from:
        - source: { namespaces: ["${namespace}"] }
      to:
        - operation: { methods: [GET, POST] }
`;
}

const OBJECTS_PER_APPLICATION = 5;
const APPLICATIONS_PER_FILE = 20;

/** @returns file name → text, holding `objects` objects besides the namespaces */
export function* meshFiles(objects) {
  const applications = Math.ceil(objects / OBJECTS_PER_APPLICATION);
  const namespaces = Array.from(
    { length: 40 },
    (_, index) => `apiVersion: v1\nkind: Namespace\nmetadata: { name: team-${index}, labels: { istio-injection: enabled } }\n`,
  );
  yield ['namespaces.yaml', namespaces.join('---\n')];
  for (let first = 0; first < applications; first += APPLICATIONS_PER_FILE) {
    const count = Math.min(APPLICATIONS_PER_FILE, applications - first);
    yield [`apps-${first}.yaml`, Array.from({ length: count }, (_, index) => application(first + index)).join('---\n')];
  }
}
