/** What istiod's ConfigMap says of injection: the sidecar that the webhook in `_injector.ts` adds, in the form that injectors read. */

export const INJECTOR = `policy: enabled
alwaysInjectSelector: []
neverInjectSelector: []
defaultTemplates: [sidecar]
templates:
  sidecar: |
    metadata:
      annotations:
        istio.io/rev: {{ .Revision | default "default" | quote }}
      labels:
        security.istio.io/tlsMode: istio
        service.istio.io/canonical-name: {{ index .ObjectMeta.Labels "app" | default .DeploymentMeta.Name | quote }}
        service.istio.io/canonical-revision: {{ index .ObjectMeta.Labels "version" | default "latest" | quote }}
    spec:
      initContainers:
      - name: istio-init
        image: {{ .ProxyImage | quote }}
        imagePullPolicy: IfNotPresent
        args: [istio-iptables, -p, "15001", -z, "15006", -u, "1337", -m, REDIRECT, -i, "*", -b, "*", -d, "15090,15021,15020"]
        resources: {}
        securityContext:
          capabilities: {add: [NET_ADMIN, NET_RAW], drop: [ALL]}
          runAsUser: 0
          runAsGroup: 0
        terminationMessagePath: /dev/termination-log
        terminationMessagePolicy: File
      - name: istio-proxy
        image: {{ .ProxyImage | quote }}
        imagePullPolicy: IfNotPresent
        args: [proxy, sidecar, --domain, "$(POD_NAMESPACE).svc.{{ .Values.global.proxy.clusterDomain }}"]
        ports:
        - {containerPort: 15090, name: http-envoy-prom, protocol: TCP}
        readinessProbe:
          httpGet: {path: /healthz/ready, port: 15021, scheme: HTTP}
          failureThreshold: 4
          periodSeconds: 15
          successThreshold: 1
          timeoutSeconds: 3
        resources:
          requests: {cpu: 100m, memory: 128Mi}
          limits: {cpu: "2", memory: 1Gi}
        restartPolicy: Always
        securityContext: {runAsUser: 1337, runAsGroup: 1337, runAsNonRoot: true, readOnlyRootFilesystem: true}
        terminationMessagePath: /dev/termination-log
        terminationMessagePolicy: File
`;
