/** The meshes as an analysis knows them, in the order in which they are tried. A test compares this list with that of the adapters. */
import type { AnalyzedMesh } from '../model/mesh-adapter.ts';
import { analyzedAppmesh } from './appmesh/analyzed.ts';
import { analyzedConsul } from './consul/analyzed.ts';
import { analyzedIstio } from './istio/analyzed.ts';
import { analyzedKuma } from './kuma/analyzed.ts';
import { analyzedLinkerd } from './linkerd/analyzed.ts';
import { analyzedOsm } from './osm/analyzed.ts';

export const analyzedMeshes: readonly AnalyzedMesh[] = [
  analyzedIstio,
  analyzedLinkerd,
  analyzedKuma,
  analyzedConsul,
  analyzedOsm,
  analyzedAppmesh,
];
