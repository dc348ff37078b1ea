/** Istio's profiles as istioctl has them: which components each brings, and what it asks of the charts, which know most profiles themselves. */
import type { Profile } from '../../../model/install.ts';
import type { Recipe } from '../../install/recipe.ts';

interface IstioProfile extends Profile {
  /** The file `files/profile-<it>.yaml` in every chart, laid over its defaults by the chart itself. */
  readonly ofCharts?: string;
  /** The file `files/profile-platform-<it>.yaml`, likewise. */
  readonly platform?: string;
}

const CONTROL_PLANE = ['base', 'istiod'];

const PROFILES: readonly IstioProfile[] = [
  {
    name: 'default',
    summary: 'The control plane and an ingress gateway, for production with sidecars.',
    components: [...CONTROL_PLANE, 'istio-ingressgateway'],
  },
  {
    name: 'demo',
    summary: 'The default with an egress gateway, small requests, access logs and all requests traced; not for production.',
    components: [...CONTROL_PLANE, 'istio-ingressgateway', 'istio-egressgateway'],
    ofCharts: 'demo',
  },
  { name: 'minimal', summary: 'The control plane only.', components: CONTROL_PLANE },
  {
    name: 'ambient',
    summary: 'Ambient mode: the control plane, and on each node the CNI plugin and ztunnel.',
    components: [...CONTROL_PLANE, 'cni', 'ztunnel'],
    ofCharts: 'ambient',
  },
  {
    name: 'remote',
    summary: 'A cluster whose control plane runs in another cluster; it needs the address of that one.',
    components: CONTROL_PLANE,
    ofCharts: 'remote',
  },
  {
    name: 'openshift',
    summary: 'The default on OpenShift, with the CNI plugin in kube-system.',
    components: [...CONTROL_PLANE, 'cni', 'istio-ingressgateway'],
    platform: 'openshift',
  },
  {
    name: 'openshift-ambient',
    summary: 'Ambient mode on OpenShift, with the CNI plugin and ztunnel in kube-system.',
    components: [...CONTROL_PLANE, 'cni', 'ztunnel'],
    ofCharts: 'ambient',
    platform: 'openshift',
  },
  {
    name: 'preview',
    summary: 'The default with features that are experimental.',
    components: [...CONTROL_PLANE, 'istio-ingressgateway'],
    ofCharts: 'preview',
  },
  {
    name: 'stable',
    summary: 'The default, refusing configuration whose fields are not stable; itself experimental.',
    components: [...CONTROL_PLANE, 'istio-ingressgateway'],
    ofCharts: 'stable',
  },
  { name: 'empty', summary: 'Nothing, to name single components with --with.', components: [] },
];

export const recipe: Recipe = {
  title: 'Istio',
  profiles: PROFILES.map(({ name, summary, components }) => ({ name, summary, components })),
  defaultProfile: 'default',
  components: [
    { id: 'base', summary: 'Definitions (CRDs) and what all control planes of the cluster share.' },
    { id: 'istiod', summary: 'The control plane.' },
    { id: 'cni', summary: 'The CNI plugin, which takes the place of privileged init containers and is part of ambient mode.' },
    { id: 'ztunnel', summary: "The node's proxy of ambient mode." },
    { id: 'istio-ingressgateway', summary: 'A gateway for traffic into the mesh.' },
    { id: 'istio-egressgateway', summary: 'A gateway for traffic out of the mesh.' },
  ],
};

/** What a profile asks of the charts themselves. */
export function askedOfCharts(profile: string): Pick<IstioProfile, 'ofCharts' | 'platform'> {
  return PROFILES.find(({ name }) => name === profile) ?? {};
}
