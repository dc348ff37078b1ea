/** `--dry-run`: what would be applied, in the order of Helm. */
import { splitManifests } from '../install/manifests.ts';
import { isBody, objectAt } from '../model/body.ts';
import { wrap } from '../terminal/wrap.ts';
import { parseYaml } from '../text/yaml.ts';
import { writeYaml } from '../text/yaml-write.ts';
import type { Context } from './define.ts';
import type { RenderedComponent } from './install.render.ts';

/**
 * What is piped on is whole, keys that were made for it included, as it could not be applied otherwise; on a terminal
 * values of Secrets are hidden.
 */
export function manifestsText(rendered: readonly RenderedComponent[], notices: readonly string[], { host, quiet }: Context): string {
  const texts = rendered.flatMap(({ wanted }) => [
    wanted.crds,
    wanted.manifest,
    ...wanted.hooks.map(({ path, manifest }) => `---\n# Source: ${path}\n${manifest}\n`),
  ]);
  const all = texts.filter((text) => text !== '').join('');
  const hasKeys = /^kind: Secret$/m.test(all);
  if (!quiet) {
    for (const notice of notices) host.err.write(`${wrap(`note: ${notice}`, host.err.columns, '      ')}\n`);
    if (hasKeys && !host.out.isTTY)
      host.err.write('note: The manifests hold Secrets with their values: keep them where nobody else reads them.\n');
  }
  return host.out.isTTY ? splitManifests(all).map(hidden).join('') : all;
}

/** Comments go with the rewriting, so that only Secrets are written anew. */
function hidden(text: string): string {
  const body = /^kind: Secret$/m.test(text) ? parseYaml(text, 'last') : undefined;
  if (!isBody(body)) return `---\n${text.trimEnd()}\n`;
  const [source = ''] = /^# Source: .*\n/.exec(text) ?? [];
  const fields = ['data', 'stringData'].filter((field) => body[field] !== undefined);
  const hiding = fields.map((field) => [field, Object.fromEntries(Object.keys(objectAt(body, field)).map((key) => [key, '(hidden)']))]);
  return `---\n${source}${writeYaml({ ...body, ...Object.fromEntries(hiding) })}`;
}
