/**
 * Messages of protobuf that configuration is read into, and the types of their fields: Envoy's API v3, and what Istio has
 * for a whole mesh. Made by `npm run messages`; each is loaded only for input that is about it.
 */

export interface Message {
  /**
   * The type of each field by its name in snake case: a scalar such as `string`, the name of a message, `enum:` and the
   * name of an enum; `[type]` for a list, and `{type}` for a map with values of the type.
   */
  readonly fields: Readonly<Record<string, string>>;
  /** Fields of which one at the most may be set. */
  readonly choices?: readonly (readonly string[])[];
}

export interface Messages {
  /** The project that they are of: `Envoy`. */
  readonly source: string;
  /** When they were taken from there: `2026-07`. */
  readonly takenAt: string;
  readonly messages: Readonly<Record<string, Message>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
}

export type MessagesName = keyof typeof FILES;

const FILES = {
  envoy: (): Promise<unknown> => import('../../schemas/messages/envoy.json', { with: { type: 'json' } }),
  istio: (): Promise<unknown> => import('../../schemas/messages/istio.json', { with: { type: 'json' } }),
};

export async function loadMessages(name: MessagesName): Promise<Messages> {
  return ((await FILES[name]()) as { readonly default: Messages }).default;
}

export function messageOf(known: Messages, name: string): Message | undefined {
  return Object.hasOwn(known.messages, name) ? known.messages[name] : undefined;
}

export function valuesOf(known: Messages, name: string): readonly string[] | undefined {
  return Object.hasOwn(known.enums, name) ? known.enums[name] : undefined;
}

/** The field that is written so: in snake case as it is declared, or in camel case as protobuf writes JSON. */
export function fieldWritten(message: Message, name: string): string | undefined {
  if (Object.hasOwn(message.fields, name)) return name;
  return Object.keys(message.fields).find((field) => camelCase(field) === name);
}

export const camelCase = (field: string): string => field.replace(/_+([a-z0-9]?)/g, (_, letter: string) => letter.toUpperCase());
