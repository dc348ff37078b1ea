import type { Authorize } from './authz.ts';
import type { Check, Facts } from './check.ts';
import type { Cluster } from './cluster.ts';
import type { Describe } from './describe.ts';
import type { Inject } from './inject.ts';
import type { Install } from './install.ts';
import type { IntendedConfiguration } from './proxy-difference.ts';
import type { ProxyProgram } from './proxy-part.ts';
import type { MeshProxies, ProxyQuestion } from './proxy-status.ts';
import type { RateSource } from './rates.ts';
import type { Kind, Ref, Resource } from './resource.ts';
import type { ResourceSet } from './resource-set.ts';
import type { MeshId } from './rule.ts';
import type { TapSource } from './tap.ts';
import type { Workload } from './workloads.ts';

/**
 * What live analysis reads of kinds that hold more than mesh configuration. Of Secrets only the
 * metadata is read, and of ConfigMaps nothing, but for these.
 */
export interface LiveReads {
  /** Namespaces whose ConfigMaps hold the mesh's configuration. */
  readonly configNamespaces: readonly string[];
  /** Keys of these ConfigMaps that hold it; whatever else lies there is not kept. */
  readonly configKeys: readonly string[];
  /** Secrets and ConfigMaps whose contents rules judge. */
  readonly objects: readonly Ref[];
}

/** Control planes of one mesh side by side, of which each reads its own configuration. */
export interface Revisions {
  /** Kinds that tell of revisions. */
  readonly kinds: readonly Kind[];
  /** Names and tags of those that the objects tell of. */
  known(resources: ResourceSet): readonly string[];
  /** Whether the control plane of a revision reads an object. */
  of(revision: string, resources: ResourceSet): (resource: Resource) => boolean;
}

/** How a mesh spans several clusters. */
export interface AcrossClusters {
  /** Kinds that a control plane reads from the other clusters of its mesh too. */
  readonly kinds: readonly Kind[];
  /** What the mesh calls the cluster that the objects are from; undefined when they do not tell. */
  nameOf(resources: ResourceSet): string | undefined;
}

/** How the mesh's own tool finds and asks programs for further checks. */
export interface CheckExtensions {
  /** Their names begin with it. */
  readonly prefix: string;
  /** Label of the namespaces that extensions are installed in; its value is the name behind the prefix. */
  readonly label: string;
  /** Extensions whose checks are meshctl's own. */
  readonly covered: readonly string[];
  readonly docs: string;
}

/** The proxy in a pod, and where it is administered. */
export interface PodProxy {
  readonly kind: 'envoy' | 'ztunnel' | 'linkerd';
  readonly container: string;
  /** Undefined for one that only listens on a socket within its pod. */
  readonly adminPort: number | undefined;
}

/** The proxy of a pod, by the name of the pod. */
export interface ProxyOfPod extends Ref {
  readonly kind: 'core/Pod';
  readonly proxy: PodProxy['kind'];
}

interface NodeProxies {
  /** Whether one acts for the pod, which has no proxy of its own. */
  actFor(pod: Resource): boolean;
  /** The pod of the proxy on a node; undefined when there is none. */
  on(node: string, cluster: Cluster): Promise<Resource | undefined>;
}

export interface InjectionDecision {
  readonly injects: boolean;
  /** One sentence. */
  readonly because: string;
}

/** A question about single workloads, and what has to be read for its answer. */
interface Telling<Tell> {
  /** Kinds of objects, besides those of Kubernetes that every such question reads. */
  readonly kinds: readonly Kind[];
  /** Checks and rules that look for what the answer tells of itself. */
  readonly covers?: readonly string[];
  readonly tell: Tell;
}

/** What an analysis asks of a mesh. It lies apart from everything else of the adapter, which takes long to load and which no rule needs. */
export interface AnalyzedMesh {
  readonly id: MeshId;
  /** True when the objects show that this mesh is in use. */
  detect(resources: ResourceSet): boolean;
  /** Objects that every default installation has and offline input leaves out. */
  assumed?(given: ResourceSet): readonly Resource[];
  /** Asked when everything else was read. */
  liveReads?(resources: ResourceSet): LiveReads;
  readonly acrossClusters?: AcrossClusters;
  readonly revisions?: Revisions;
}

/** What meshctl knows how to do for one mesh. A capability that the mesh lacks is an absent member. */
export interface MeshAdapter extends AnalyzedMesh {
  readonly title: string;
  /** Address of the mesh's documentation. */
  readonly docs: string;
  /** Each behind those that it needs; the checks of Kubernetes itself come before all of them. */
  readonly checks?: readonly Check[];
  /** Programs by others that bring checks of their own. */
  readonly extensions?: CheckExtensions;
  /** How workloads get its proxy. */
  readonly inject?: Inject;
  /** What its injector decides about a pod of the namespace that is created now, once its webhook is asked about it. */
  decides?(pod: Resource, home: Resource, facts: Facts): Promise<InjectionDecision>;
  /** From which charts the mesh is installed. */
  readonly install?: Install;
  /** The proxy of this mesh in a pod; undefined when it has none. */
  readonly proxyOf?: (pod: Resource) => PodProxy | undefined;
  /** Its control planes and proxies, and how far the word of the ones reached the others. */
  proxies?(facts: Facts, question: ProxyQuestion): Promise<MeshProxies>;
  /** Ways to see the requests of a pod as they happen, the best first. */
  readonly tap?: readonly TapSource[];
  /** What its proxies count of requests, where these cannot be seen. */
  readonly rates?: RateSource;
  /** What the control plane would send to a proxy now, as its own instances tell. */
  readonly intended?: (proxy: ProxyOfPod, cluster: Cluster) => Promise<IntendedConfiguration>;
  /** Programs that it runs as proxies besides Envoy. */
  readonly proxyPrograms?: readonly ProxyProgram[];
  /** Proxies that act for all pods of a node. */
  readonly nodeProxies?: NodeProxies;
  /** What applies to a workload or a service. */
  readonly describe?: Telling<Describe>;
  /** Whether pods of the workload show others who they are; absent: as soon as they have a proxy. */
  hasIdentity?(workload: Workload, resources: ResourceSet): boolean;
  /** Which policies let clients in, and whether a request would be. */
  readonly authz?: Telling<Authorize>;
  /** Version of the control plane that runs; undefined when there is none, or several differ. */
  version?(facts: Facts): Promise<string | undefined>;
}
