/** Configuration of filters that is delivered on its own (ECDS). */
import type { Body } from '../../model/resource.ts';
import type { Entry } from '../config-dump.ts';
import { body, text, typeOf } from '../fields.ts';
import { canonical } from './canonical.ts';

/** istiod shows the configuration of a Wasm filter without the wrapper that has its name. */
export const extensionName = (resource: Body): string => text(resource, 'name') ?? text(resource, 'config', 'name') ?? '';

/** The agent fetches Wasm modules and puts its own file in the place of the address; variables may hold credentials. */
export function comparableExtension({ resource }: Entry): unknown {
  const own = body(resource, 'typed_config') ?? resource;
  const machine = body(own, 'config', 'vm_config');
  if (!/\.Wasm$/.test(typeOf(own)) || !machine) return canonical({ typed_config: own });
  const kept = Object.entries(machine).filter(([key]) => !/^(?:code|environment_?variables)$/i.test(key));
  const { config: _config, ...rest } = own;
  const plugin = Object.entries(body(own, 'config') ?? {}).filter(([key]) => !/^vm_?config$/i.test(key));
  return canonical({ typed_config: { ...rest, config: { ...Object.fromEntries(plugin), vm_config: Object.fromEntries(kept) } } });
}
