/** The comparison of one proxy as a document. */
import type { FieldDifference, ResourceDifference, ServingControlPlane, TypeComparison } from '../model/proxy-difference.ts';
import type { ProxySource } from './proxy-config.source.ts';

export interface Comparison extends Pick<ProxySource, 'title' | 'proxy'> {
  /** The saved dump that stands for what the proxy has. */
  readonly file: string | undefined;
  readonly controlPlane: ServingControlPlane;
  readonly types: readonly TypeComparison[];
}

export const isInSync = (types: readonly TypeComparison[]): boolean => types.every(({ differences }) => differences.length === 0);

export const differenceDocument = ({ proxy, file, controlPlane, types }: Comparison): object => ({
  apiVersion: 'meshctl.dev/v1',
  kind: 'ProxyDifferenceReport',
  proxy,
  ...(file === undefined ? {} : { file }),
  controlPlane,
  inSync: isInSync(types),
  types: types.map(({ type, xds, compared, differences, skipped }) => ({
    ...{ type, xds, state: skipped === undefined ? (differences.length === 0 ? 'same' : 'different') : 'skipped' },
    ...(skipped === undefined ? {} : { reason: skipped }),
    ...{ compared, differences: differences.map(resource) },
  })),
});

const resource = ({ name, change, error, isWarming, fields }: ResourceDifference): object => ({
  ...{ name, change },
  ...(error === undefined ? {} : { error }),
  ...(isWarming ? { warming: true } : {}),
  fields: fields.map(field),
});

const field = ({ path, change, intended, actual }: FieldDifference): object => ({
  ...{ path, change },
  ...(intended === undefined ? {} : { intended }),
  ...(actual === undefined ? {} : { actual }),
});
