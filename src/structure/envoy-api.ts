/** Envoy's API v3: its messages, and the types of their fields. Made by `npm run envoy-api`, and loaded only for input with patches of it. */

export interface Message {
  /**
   * The type of each field by its name in snake case: a scalar such as `string`, the name of a message, `enum:` and the
   * name of an enum; `[type]` for a list, and `{type}` for a map with values of the type.
   */
  readonly fields: Readonly<Record<string, string>>;
  /** Fields of which one at the most may be set. */
  readonly choices?: readonly (readonly string[])[];
}

export interface EnvoyApi {
  readonly source: string;
  /** When it was taken: `2026-07`. */
  readonly takenAt: string;
  readonly messages: Readonly<Record<string, Message>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
}

export async function loadEnvoyApi(): Promise<EnvoyApi> {
  const loaded: { readonly default: unknown } = await import('../../schemas/envoy/api-v3.json', { with: { type: 'json' } });
  return loaded.default as EnvoyApi;
}

export function messageOf(api: EnvoyApi, name: string): Message | undefined {
  return Object.hasOwn(api.messages, name) ? api.messages[name] : undefined;
}

export function valuesOf(api: EnvoyApi, name: string): readonly string[] | undefined {
  return Object.hasOwn(api.enums, name) ? api.enums[name] : undefined;
}

/** The field that is written so: in snake case as in the API, or in camel case as protobuf writes JSON. */
export function fieldWritten(message: Message, name: string): string | undefined {
  if (Object.hasOwn(message.fields, name)) return name;
  return Object.keys(message.fields).find((field) => camelCase(field) === name);
}

export const camelCase = (field: string): string => field.replace(/_+([a-z0-9]?)/g, (_, letter: string) => letter.toUpperCase());
