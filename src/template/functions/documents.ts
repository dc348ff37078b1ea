/** Helm's own functions that write and read documents. What cannot be read is told in the value, as Helm does. */
import { func } from '../builtins.ts';
import { emitYaml } from '../emit-yaml.ts';
import { CallError } from '../failure.ts';
import { fromJson, toJson } from '../json.ts';
import { readYaml } from '../read-yaml.ts';
import { emitToml, readToml } from '../toml.ts';
import { type Func, type GoList, isList, isMap, isNil, type Value } from '../value.ts';

const A = 'interface {}' as const;
const S = 'string' as const;

const orEmpty =
  (write: (value: Value) => string) =>
  (value: Value): string => {
    try {
      return write(value);
    } catch (error) {
      if (error instanceof CallError) return '';
      throw error;
    }
  };

const yaml = (value: Value): string => emitYaml(value).replace(/\n$/, '');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A map, or one with the key `Error` that tells why it is none. */
const asMap =
  (read: (text: string) => Value) =>
  (text: string): Value => {
    try {
      const value = read(text);
      if (value === null || value === undefined) return new Map();
      return isMap(value) ? value : new Map([['Error', `the text holds no mapping`]]);
    } catch (error) {
      return new Map([['Error', messageOf(error)]]);
    }
  };

/** A list, or one whose only item tells why it is none. */
const asList =
  (read: (text: string) => Value) =>
  (text: string): GoList => {
    try {
      const value = read(text);
      if (value === null || value === undefined) return [];
      return isList(value) ? value : ['the text holds no list'];
    } catch (error) {
      return [messageOf(error)];
    }
  };

const json = func(
  [A],
  orEmpty((value) => toJson(value)),
);
const pretty = func(
  [A],
  orEmpty((value) => toJson(value, { indent: 2 })),
);
const raw = func([A], (value: Value) => toJson(value, { escapesHtml: false }));

export const documentFunctions: Readonly<Record<string, Func>> = {
  toYaml: func([A], orEmpty(yaml)),
  mustToYaml: func([A], yaml),
  toYamlPretty: func(
    [A],
    orEmpty((value) => emitYaml(value, 'pretty').replace(/\n$/, '')),
  ),
  fromYaml: func([S], asMap(readYaml)),
  fromYamlArray: func([S], asList(readYaml)),
  // What TOML cannot say is told in the text, as Helm does.
  toToml: func([A], (value: Value) => {
    try {
      return emitToml(value);
    } catch (error) {
      if (error instanceof CallError && !isNil(value)) return error.message;
      throw error;
    }
  }),
  mustToToml: func([A], emitToml),
  fromToml: func([S], asMap(readToml)),
  toJson: json,
  mustToJson: func([A], (value: Value) => toJson(value)),
  toPrettyJson: pretty,
  mustToPrettyJson: func([A], (value: Value) => toJson(value, { indent: 2 })),
  toRawJson: raw,
  mustToRawJson: raw,
  fromJson: func([S], asMap(fromJson)),
  mustFromJson: func([S], (text: string) => {
    try {
      return fromJson(text);
    } catch (error) {
      throw new CallError(messageOf(error));
    }
  }),
  fromJsonArray: func([S], asList(fromJson)),
};
