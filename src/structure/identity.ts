/** Whether there is such a kind, and such a version of it, and which schemas an object of it has to fit. */
import { type Resource, shortKind } from '../model/resource.ts';
import { nearest } from '../text/nearest.ts';
import { quotedList } from '../text/words.ts';
import { type Definitions, groupOf, type Known, knownAs, releaseOf } from './definitions.ts';
import type { Found } from './found.ts';
import { homeInWords, homesOf, isMistakenGroup } from './homes.ts';
import type { GroupDefinition, Schema, Version } from './schema.ts';
import { supersededKind, versionGoneSince } from './superseded.ts';

export interface Identity {
  readonly found: readonly Found[];
  /** None for an object of which nothing is known. */
  readonly schemas: readonly Schema[];
  readonly release: string;
  readonly isOwn: boolean;
}

export function judgeIdentity(resource: Resource, definitions: Definitions): Identity {
  const nothing: Identity = { found: [], schemas: [], release: '', isOwn: false };
  const group = definitions.groups.get(groupOf(resource));
  if (!group) return { ...nothing, found: ofNoGroup(resource) };
  const known = knownAs(resource.kind, definitions);
  if (!known) return { ...nothing, found: unknownKind(resource, group) };
  const { release, isOwn } = known;
  const name = resource.apiVersion.slice(resource.apiVersion.lastIndexOf('/') + 1);
  const version = known.definition.versions.find((candidate) => candidate.name === name);
  if (version === undefined || version.served === false) {
    // A cluster that has the object has its version.
    if (!resource.origin) return { ...nothing, release, isOwn };
    return { found: [unknownVersion(resource, name, known)], schemas: schemaInstead(version, known), release, isOwn };
  }
  return { found: judgeVersion(resource, version, known), schemas: schemasOf(version, known), release, isOwn };
}

function unknownKind(resource: Resource, group: GroupDefinition): readonly Found[] {
  // A cluster that has the object has the kind.
  if (!resource.origin) return [];
  const old = supersededKind(resource.kind);
  if (old) return [old];
  const kind = shortKind(resource.kind);
  const close = nearest(kind, Object.keys(group.kinds));
  return [
    {
      is: 'unknown-kind',
      path: ['kind'],
      message: `Kind "${kind}" does not exist in "${groupOf(resource)}" (${releaseOf(group)}).`,
      fix:
        homeInWords(kind) ??
        (close === undefined ? `Kinds of the group are ${quotedList(Object.keys(group.kinds).sort())}.` : `Did you mean "${close}"?`),
    },
  ];
}

/** An object of a group that is none of a mesh's may still be meant for one. */
function ofNoGroup(resource: Resource): readonly Found[] {
  const kind = shortKind(resource.kind);
  const { apiVersion } = resource;
  if (!resource.origin) return [];
  if (homesOf(kind).includes(apiVersion)) {
    const message = `The apiVersion "${apiVersion}" is a group without a version.`;
    return [{ is: 'unknown-version', path: ['apiVersion'], message, fix: `Write "${apiVersion}/" and the version.` }];
  }
  if (!isMistakenGroup(groupOf(resource), kind)) return [];
  const message = `Kind "${kind}" does not exist in "${apiVersion.includes('/') ? groupOf(resource) : apiVersion}".`;
  return [{ is: 'unknown-kind', path: ['apiVersion'], message, fix: homeInWords(kind) }];
}

function unknownVersion({ kind }: Resource, name: string, { definition, release, isOwn }: Known): Found {
  const served = definition.versions.filter((version) => version.served !== false).map((version) => version.name);
  const was = definition.versions.some((version) => version.name === name);
  const since = isOwn ? undefined : versionGoneSince(kind, name);
  const fate =
    since === undefined ? `${was ? 'is not served any more' : 'does not exist'} (${release})` : `is not served any more since ${since}`;
  return {
    is: 'unknown-version',
    path: ['apiVersion'],
    message: `Version "${name}" of ${shortKind(kind)} ${fate}.`,
    fix: `${served.length === 1 ? 'The version that is served is' : 'Versions that are served are'} ${quotedList(served)}.`,
  };
}

function judgeVersion({ kind }: Resource, version: Version, { definition, isOwn }: Known): readonly Found[] {
  const found: Found[] = [];
  const isHere = version.channel === undefined || isOwn;
  const newest = definition.versions.find(({ served, deprecated, channel }) => served !== false && !deprecated && !channel)?.name;
  if (version.deprecated) {
    found.push({
      is: 'superseded',
      path: ['apiVersion'],
      message: `Version "${version.name}" of ${shortKind(kind)} is deprecated${isHere ? '' : ', and served by the experimental channel of Gateway API only'}.`,
      fix: newest === undefined ? undefined : `Use "${newest}"; some fields may differ.`,
    });
  }
  if (!isHere && !version.deprecated) {
    found.push({
      is: 'experimental',
      path: ['apiVersion'],
      message: `Version "${version.name}" of ${shortKind(kind)} is served by the experimental channel of Gateway API only.`,
      fix: newest === undefined ? undefined : `Use "${newest}".`,
    });
  }
  return found;
}

/** What an object of a version that is not there was most probably written for, where nothing else comes into question. */
function schemaInstead(version: Version | undefined, { definition }: Known): readonly Schema[] {
  const [only, ...others] = definition.schemas;
  const schema = version ? definition.schemas[version.schema] : others.length === 0 ? only : undefined;
  return schema ? [schema] : [];
}

function schemasOf(version: Version, { definition }: Known): readonly Schema[] {
  return [version.schema, version.experimental].flatMap((index) => (index === undefined ? [] : (definition.schemas[index] ?? [])));
}
