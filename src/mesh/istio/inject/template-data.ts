/** What the dot of an injection template is. */
import type { Body } from '../../../model/resource.ts';
import { type GoObject, int64, type Value } from '../../../template/value.ts';
import { imagesOf } from './images.ts';
import { kubeObject } from './kube-object.ts';
import { MESH_CONFIG_FIELDS } from './mesh-settings.ts';
import { message } from './message.ts';
import type { Owner } from './owner.ts';
import { annotationsOf, type Pod } from './pod.ts';
import { PROXY_CONFIG_FIELDS, PROXY_CONFIG_TYPE } from './proxy-config.ts';
import type { InjectorSetup } from './setup.ts';

export interface TemplateInput {
  /** Without what an earlier injection left. */
  readonly pod: Pod;
  readonly namespace: string;
  readonly owner: Owner;
  readonly proxyConfig: Body;
  readonly isNative: boolean;
  readonly ids: { readonly user: number; readonly group: number };
}

/** @param values of the setup, as templates see them */
export function templateData(input: TemplateInput, { mesh, values, revision, environment }: InjectorSetup, valuesSeen: Value): GoObject {
  const { pod, namespace, owner, proxyConfig, isNative, ids } = input;
  const images = imagesOf(values, proxyConfig, annotationsOf(pod));
  return struct('inject.SidecarTemplateData', {
    TypeMeta: struct('v1.TypeMeta', { Kind: owner.kind, APIVersion: owner.apiVersion }),
    DeploymentMeta: struct('types.NamespacedName', { Name: owner.name, Namespace: namespace }),
    ObjectMeta: kubeObject({ namespace, ...pod.metadata }, 'ObjectMeta'),
    Spec: kubeObject(pod.spec, 'PodSpec'),
    ProxyConfig: message(PROXY_CONFIG_TYPE, proxyConfig, PROXY_CONFIG_FIELDS),
    MeshConfig: message('*v1alpha1.MeshConfig', mesh.body, MESH_CONFIG_FIELDS),
    Values: valuesSeen,
    Revision: revision,
    NativeSidecars: isNative,
    ProxyImage: images.proxy,
    ProxyInitImage: images.init,
    ProxyUID: int64(ids.user),
    ProxyGID: int64(ids.group),
    InboundTrafficPolicyMode: mesh.inboundMode,
    CompliancePolicy: environment.get('COMPLIANCE_POLICY') ?? '',
  });
}

function struct(goType: string, fields: Readonly<Record<string, Value>>): GoObject {
  return {
    goType,
    kind: 'struct',
    field: (name) => fields[name],
    method: () => undefined,
    text: () => goType,
    isTrue: () => true,
    plain: () => new Map(Object.entries(fields)),
  };
}
