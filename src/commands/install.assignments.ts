/** `istiod:replicaCount=2` and `istiod=values.yaml`: which component a flag's value is meant for. */
import { MeshctlError } from '../errors.ts';
import { nearest } from '../text/nearest.ts';

export interface Assigned {
  /** Undefined: every component. */
  readonly component: string | undefined;
  /** What is left of the value. */
  readonly text: string;
}

/**
 * Keys of values may hold colons, behind a dot or in quotes; what stands before the first colon is a component when it
 * looks like the name of one.
 * @throws MeshctlError E_USAGE for a component that the mesh does not have
 */
export function setFor(flag: string, value: string, components: readonly string[]): Assigned {
  const [whole, component, text] = /^([a-z][a-z0-9-]*):(.+)$/s.exec(value) ?? [];
  if (whole === undefined || component === undefined || text === undefined) return { component: undefined, text: value };
  assertKnown(`${flag} ${value}`, component, components);
  return { component, text };
}

/**
 * Names of files may hold "=", so that only the name of a component before the first one is taken for such.
 */
export function fileFor(value: string, components: readonly string[]): Assigned {
  const equals = value.indexOf('=');
  const component = value.slice(0, Math.max(0, equals));
  return components.includes(component) ? { component, text: value.slice(equals + 1) } : { component: undefined, text: value };
}

/**
 * @returns what `--chart COMPONENT=CHART` gives, by component
 * @throws MeshctlError E_USAGE
 */
export function chartsFor(values: readonly string[], components: readonly string[]): Readonly<Record<string, string>> {
  const given = values.map((value) => {
    const equals = value.indexOf('=');
    if (equals < 1 || equals === value.length - 1) {
      throw new MeshctlError('E_USAGE', `--chart "${value}" does not say which component the chart is for.`, {
        hint: `Write --chart COMPONENT=${equals === value.length - 1 ? 'CHART' : value}; the components are ${components.join(', ')}.`,
      });
    }
    assertKnown(`--chart ${value}`, value.slice(0, equals), components);
    return [value.slice(0, equals), value.slice(equals + 1)] as const;
  });
  return Object.fromEntries(given);
}

function assertKnown(given: string, component: string, components: readonly string[]): void {
  if (components.includes(component)) return;
  const close = nearest(component, components);
  throw new MeshctlError('E_USAGE', `"${given}" names the component "${component}", which the mesh does not have.`, {
    hint: `${close ? `Did you mean "${close}"? ` : ''}The components are ${components.join(', ')}.`,
  });
}
