/** networking.k8s.io. The notation is that of `notation.ts`. */
export const NETWORKING = `
networking.k8s.io/v1 Ingress: spec IngressSpec, status IngressStatus
IngressSpec: defaultBackend IngressBackend, ingressClassName string, rules [IngressRule], tls [IngressTLS]
IngressStatus: loadBalancer IngressLoadBalancerStatus
IngressBackend: resource TypedLocalObjectReference, service IngressServiceBackend
IngressRule: host string, http HTTPIngressRuleValue
IngressTLS: hosts [string], secretName string
IngressLoadBalancerStatus: ingress [IngressLoadBalancerIngress]
IngressServiceBackend: name! string, port ServiceBackendPort
HTTPIngressRuleValue: paths! [HTTPIngressPath]
IngressLoadBalancerIngress: hostname string, ip string, ports [IngressPortStatus]
ServiceBackendPort: name string, number int32
HTTPIngressPath: backend! IngressBackend, path string, pathType! string
IngressPortStatus: error string, port! int32, protocol! string
networking.k8s.io/v1 IngressClass: spec IngressClassSpec
IngressClassSpec: controller string, parameters IngressClassParametersReference
IngressClassParametersReference: apiGroup string, kind! string, name! string, namespace string, scope string
networking.k8s.io/v1 NetworkPolicy: spec NetworkPolicySpec
NetworkPolicySpec: egress [NetworkPolicyEgressRule], ingress [NetworkPolicyIngressRule], podSelector LabelSelector,
  policyTypes [string]
NetworkPolicyEgressRule: ports [NetworkPolicyPort], to [NetworkPolicyPeer]
NetworkPolicyIngressRule: from [NetworkPolicyPeer], ports [NetworkPolicyPort]
NetworkPolicyPort: endPort int32, port intOrString, protocol string
NetworkPolicyPeer: ipBlock IPBlock, namespaceSelector LabelSelector, podSelector LabelSelector
IPBlock: cidr! string, except [string]
`;
