/** The formats of `meshctl analyze -o`. Each is loaded when it is asked for. */
import type { Reporter } from './report.ts';

const reporters: Readonly<Record<string, () => Promise<Reporter>>> = {
  text: async () => (await import('./text.ts')).text,
  json: async () => (await import('./json.ts')).json,
  yaml: async () => (await import('./yaml.ts')).yaml,
  sarif: async () => (await import('./sarif.ts')).sarif,
  junit: async () => (await import('./junit.ts')).junit,
  github: async () => (await import('./github.ts')).github,
  gitlab: async () => (await import('./gitlab.ts')).gitlab,
  compact: async () => (await import('./compact.ts')).compact,
  checkstyle: async () => (await import('./checkstyle.ts')).checkstyle,
  rdjsonl: async () => (await import('./rdjsonl.ts')).rdjsonl,
  markdown: async () => (await import('./markdown.ts')).markdown,
};

export const reporterNames: readonly string[] = Object.keys(reporters);

/** @returns undefined when there is no reporter of that name */
export async function reporterNamed(name: string): Promise<Reporter | undefined> {
  return Object.hasOwn(reporters, name) ? reporters[name]?.() : undefined;
}
