/** What a ztunnel has against what istiod knows of ambient mode. */
import { fieldDifferences } from '../../../envoy/compare/differences.ts';
import { MeshctlError } from '../../../errors.ts';
import { booleanAt, has, isBody, objectAt } from '../../../model/body.ts';
import type { ResourceDifference, TypeComparison } from '../../../model/proxy-difference.ts';
import type { Body } from '../../../model/resource.ts';
import { heldPolicy, heldService, heldWorkload } from './held-by-ztunnel.ts';
import { endpointsByService, sentPolicy, sentService, sentWorkload } from './sent-to-ztunnel.ts';

type Known = ReadonlyMap<string, object>;

/**
 * @param ambient istiod's `/debug/ambientz`
 * @param dump ztunnel's `/config_dump`
 * @throws MeshctlError E_DUMP when the one or the other is none
 */
export function compareZtunnel(ambient: unknown, dump: unknown): readonly TypeComparison[] {
  if (!has(dump, 'workloads') || !has(dump, 'services')) {
    throw new MeshctlError('E_DUMP', 'This is no dump of a ztunnel: it has neither workloads nor services.', {
      hint: 'A ztunnel writes one at /config_dump of its port 15000.',
    });
  }
  if (!isBody(ambient)) throw new MeshctlError('E_DUMP', 'This is no answer of /debug/ambientz of an istiod.');
  const [workloads, services, policies] = ['workloads', 'services', 'policies'].map((list) => entriesOf(dump, list)) as [
    readonly Body[],
    readonly Body[],
    readonly Body[],
  ];
  const sent = entriesOf(ambient, 'workloads');
  const endpoints = endpointsByService(sent);
  // Older ztunnels do not show which services a workload is of.
  const withServices = workloads.some((each) => has(each, 'services'));
  // It then asks for what its workloads call, and has no more than that.
  const onDemand = booleanAt(dump, 'config', 'xdsOnDemand') === true;
  const compared = (type: string, xds: string, intended: Known, actual: Known): TypeComparison =>
    compare({ type, xds, intended: onDemand && xds === 'WDS' ? only(intended, actual) : intended, actual });
  return [
    compared(
      'workloads',
      'WDS',
      new Map(sent.map((each) => sentWorkload(each, withServices))),
      new Map(workloads.map((each) => heldWorkload(each, withServices))),
    ),
    compared(
      'services',
      'WDS',
      new Map(entriesOf(ambient, 'services').map((each) => sentService(each, endpoints))),
      new Map(services.map(heldService)),
    ),
    compared('policies', 'WADS', new Map(entriesOf(ambient, 'policies').map(sentPolicy)), new Map(policies.map(heldPolicy))),
  ];
}

/** Lists in current versions; maps by address before. */
function entriesOf(value: unknown, list: string): readonly Body[] {
  const found = objectAt(value)[list];
  return (Array.isArray(found) ? found : Object.values(objectAt(value, list))).filter(isBody);
}

const only = (intended: Known, actual: Known): Known => new Map([...intended].filter(([name]) => actual.has(name)));

function compare(types: { readonly type: string; readonly xds: string; readonly intended: Known; readonly actual: Known }): TypeComparison {
  const { type, xds, intended, actual } = types;
  const names = [...new Set([...intended.keys(), ...actual.keys()])].sort();
  const differences = names.flatMap((name): readonly ResourceDifference[] => {
    const [wish, own] = [intended.get(name), actual.get(name)];
    if (!own) return [{ name, change: 'missing', fields: [] }];
    if (!wish) return [{ name, change: 'surplus', fields: [] }];
    const fields = fieldDifferences(wish, own, 'struct');
    return fields.length === 0 ? [] : [{ name, change: 'changed', fields }];
  });
  return { type, xds, compared: names.length, differences };
}
