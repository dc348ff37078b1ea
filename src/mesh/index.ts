/** The meshes, in the order in which they are tried. */
import type { MeshAdapter } from '../model/mesh-adapter.ts';
import { appmesh } from './appmesh/index.ts';
import { consul } from './consul/index.ts';
import { istio } from './istio/index.ts';
import { kuma } from './kuma/index.ts';
import { linkerd } from './linkerd/index.ts';
import { osm } from './osm/index.ts';

export const meshes: readonly MeshAdapter[] = [istio, linkerd, kuma, consul, osm, appmesh];
