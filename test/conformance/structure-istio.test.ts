/** The documents by which Istio tests its own CustomResourceDefinitions: refused or taken, and refused for the reason given. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readText } from '../../src/gather/read.ts';
import { splitDocuments } from '../../src/text/documents.ts';
import { violationsAmong } from '../structure/violations.ts';

interface Document {
  readonly file: string;
  readonly doc: number;
  readonly kind: string;
  readonly name: string | null;
  readonly valid: boolean;
  readonly err: string | null;
}

const folder = fileURLToPath(new URL('../../../shared/cases/istio-validate/', import.meta.url));
const documents: readonly Document[] = existsSync(folder) ? JSON.parse(readFileSync(`${folder}crd-documents.json`, 'utf8')) : [];

/** What a document says of its own error is no part of the object. */
const withoutNote = (text: string): string => text.replace(/^_err:.*\n(?: .*\n)*/m, '');

function violationsOf({ file, doc }: Document): readonly string[] {
  const text = readFileSync(`${folder}crds/${file.slice(file.lastIndexOf('/') + 1)}`, 'utf8');
  const part = splitDocuments(text).filter((document) => /^kind:/m.test(document.text))[doc];
  const { resources, errors } = readText(withoutNote(part?.text ?? ''), file, { namespace: 'default', namespaceGiven: false });
  expect(errors).toEqual([]);
  expect(resources).toHaveLength(1);
  const violations = violationsAmong(resources).filter(({ is }) => is !== 'superseded');
  return violations.map(({ message }) => message);
}

/** The peer's reason: the text of a rule, which stands in both messages, or the field that it names first. */
function reasonIn(wanted: string, message: string): boolean {
  if (wanted.startsWith('Duplicate value')) return message.includes('repeats');
  if (wanted.startsWith('Unsupported value')) return message.includes('must be one of');
  const [, field] = /^(\S+?)(?: in body |: (?:Required|Invalid) value)/.exec(wanted) ?? [];
  return field === undefined ? message.includes(wanted) : message.includes(`${field}"`);
}

describe.skipIf(documents.length === 0)("documents of Istio's definitions", () => {
  const named = documents.map((document) => ({ name: `${document.file.split('/').at(-1)} ${document.doc} ${document.name}`, document }));

  it.each(named)('$name', ({ document: { valid, err, ...document } }) => {
    const found = violationsOf({ valid, err, ...document });
    if (valid) expect(found).toEqual([]);
    else expect({ err, found, same: found.some((message) => reasonIn(err ?? '', message)) }).toEqual({ err, found, same: true });
  });
});
