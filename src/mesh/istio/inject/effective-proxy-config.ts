import { has, objectAt, stringMapAt } from '../../../model/body.ts';
import { labelsMatch } from '../../../model/labels.ts';
import type { Body, Resource } from '../../../model/resource.ts';
import { annotationsOf, labelsOf, type Pod } from './pod.ts';
import { mergeProxyConfig, parseProxyConfig, proxyConfigOf } from './proxy-config.ts';
import type { InjectorSetup } from './setup.ts';

/** The ProxyConfig of a pod: of the mesh, of its root namespace, of the namespace, of the pod, of workloads like it; the last wins. */
export function effectiveProxyConfig(pod: Pod, namespace: string, { mesh, proxyConfigs }: InjectorSetup): Body {
  const ofNamespace = (name: string): Resource | undefined =>
    proxyConfigs.find((each) => each.namespace === name && !has(each.body, 'spec', 'selector'));
  const ofWorkload = proxyConfigs.find((each) => {
    const selector = stringMapAt(each.body, 'spec', 'selector', 'matchLabels');
    return each.namespace === namespace && Object.keys(selector).length > 0 && labelsMatch(selector, labelsOf(pod));
  });
  const annotation = annotationsOf(pod)['proxy.istio.io/config'];
  const layers = [
    ...[ofNamespace(mesh.rootNamespace), namespace === mesh.rootNamespace ? undefined : ofNamespace(namespace)].map(specOf),
    annotation === undefined ? {} : parseProxyConfig(annotation),
    specOf(ofWorkload),
  ];
  return layers.reduce(mergeProxyConfig, mesh.proxyConfig);
}

const specOf = (resource: Resource | undefined): Body => (resource ? proxyConfigOf(objectAt(resource.body, 'spec')) : {});
