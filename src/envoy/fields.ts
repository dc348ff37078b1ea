/**
 * Reading protobuf's JSON: Envoy's admin writes the names of fields as they are (`filter_chains`), istiod in camel case
 * (`filterChains`). Ask by the former; both are read. What is absent or of another type reads as absent.
 */
import { isBody } from '../model/body.ts';
import type { Body } from '../model/resource.ts';

const camel = new Map<string, string>();

function camelCase(name: string): string {
  const known = camel.get(name) ?? name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
  camel.set(name, known);
  return known;
}

export function field(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof name === 'number') {
      current = Array.isArray(current) ? current[name] : undefined;
    } else {
      if (!isBody(current)) return undefined;
      current = current[name] ?? current[camelCase(name)];
    }
  }
  return current;
}

export function body(value: unknown, ...path: readonly (string | number)[]): Body | undefined {
  const found = field(value, ...path);
  return isBody(found) ? found : undefined;
}

export function text(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** Numbers of 64 bits are strings in protobuf's JSON. */
export function number(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = field(value, ...path);
  const read = typeof found === 'string' && found !== '' ? Number(found) : found;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
}

export const flag = (value: unknown, ...path: readonly (string | number)[]): boolean => field(value, ...path) === true;

export function items(value: unknown, ...path: readonly (string | number)[]): readonly Body[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found.filter(isBody) : [];
}

export function texts(value: unknown, ...path: readonly (string | number)[]): readonly string[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found.filter((each): each is string => typeof each === 'string') : [];
}

/** What is wrapped into an Any: `envoy.extensions.filters.network.rbac.v3.RBAC`; of a TypedStruct the type inside. */
export function typeOf(any: unknown): string {
  const own = (text(any, '@type') ?? '').replace(/^.*\//, '');
  if (!/\.TypedStruct$/.test(own)) return own;
  return (text(any, 'type_url') ?? own).replace(/^.*\//, '');
}

/** `10.0.0.7:9080`, `unix:///run/agent.sock`, `envoy://connect_originate/10.0.0.7:80`; undefined where there is none. */
export function addressText(address: unknown): string | undefined {
  const ip = text(address, 'socket_address', 'address');
  if (ip !== undefined) {
    const port = number(address, 'socket_address', 'port_value') ?? text(address, 'socket_address', 'named_port') ?? 0;
    return `${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
  }
  const path = text(address, 'pipe', 'path');
  if (path !== undefined) return `unix://${path}`;
  const listener = text(address, 'envoy_internal_address', 'server_listener_name');
  if (listener === undefined) return undefined;
  const endpoint = text(address, 'envoy_internal_address', 'endpoint_id');
  return `envoy://${listener}${endpoint === undefined ? '' : `/${endpoint}`}`;
}
