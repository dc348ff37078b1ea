/** Configuration of filters that is delivered on its own. */
import type { ExtensionRow } from '../model/proxy-config.ts';
import type { Entry } from './config-dump.ts';
import { body, text, typeOf } from './fields.ts';

export const extensionRow = ({ resource, state, version, updatedAt, error }: Entry): ExtensionRow => ({
  ...{ state, version, updatedAt, error },
  name: text(resource, 'name') ?? '',
  type: typeOf(body(resource, 'typed_config')),
});
