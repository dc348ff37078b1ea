/** proxy-status of one proxy: what its control plane would send it now → what it has → differences → report. */
import { EXIT, MeshctlError } from '../errors.ts';
import { meshes } from '../mesh/index.ts';
import type { Cluster } from '../model/cluster.ts';
import type { IntendedConfiguration } from '../model/proxy-difference.ts';
import { writeYaml } from '../text/yaml-write.ts';
import { type Context, type Options, type Outcome, textOf, textsOf } from './define.ts';
import { fileSource, liveSources, type ProxySource } from './proxy-config.source.ts';
import { differenceDocument, isInSync } from './proxy-status.diff-document.ts';
import { differenceText } from './proxy-status.diff-view.ts';

/** What `--fail-on` takes when one proxy is compared. */
const FAILS = ['different', 'any'];

/**
 * @param target pod, deploy/NAME, svc/NAME and so on, as for proxy-config
 * @param options with `file` a saved dump stands for what the proxy has; `failOn` repeats
 * @throws MeshctlError E_TARGET for a proxy of a mesh whose control plane tells nothing, E_CONTROL_PLANE for one that cannot be asked
 */
export async function diffProxy(target: string, options: Options, context: Context): Promise<Outcome> {
  const fails = failsOn(options);
  const cluster = await context.cluster(options);
  const [source] = await liveSources(target, options, { ...context, cluster: async () => cluster });
  if (!source) throw new MeshctlError('E_TARGET', `"${target}" has no proxy.`);
  const intended = await intendedFor(source, cluster);
  const file = textOf(options, 'file');
  const dump = await (file === undefined ? source : await fileSource(file, context)).json(intended.dumpPath);
  const comparison = { ...source, file, controlPlane: intended.controlPlane, types: intended.compare(dump) };
  const format = textOf(options, 'output') ?? 'text';
  return {
    text:
      format === 'json' || format === 'yaml'
        ? written(differenceDocument(comparison), format)
        : differenceText(comparison, format, context),
    exit: fails && !isInSync(comparison.types) ? EXIT.bad : EXIT.fine,
  };
}

function failsOn(options: Options): boolean {
  const given = textsOf(options, 'failOn');
  const wrong = given.find((each) => !FAILS.includes(each));
  if (wrong !== undefined) {
    throw new MeshctlError('E_USAGE', `"--fail-on ${wrong}" says nothing about one proxy.`, {
      hint: 'A proxy that is compared is in sync or not: give --fail-on different. The states of all proxies are judged when none is named.',
    });
  }
  return given.length > 0;
}

async function intendedFor({ proxy, title }: ProxySource, cluster: Cluster): Promise<IntendedConfiguration> {
  const mesh = meshes.find(({ id }) => id === proxy?.mesh);
  if (!proxy || !mesh?.intended) {
    const part = proxy?.kind === 'linkerd' ? 'stats' : 'all';
    const able = meshes.filter(({ intended }) => intended).map((each) => each.title);
    throw new MeshctlError(
      'E_TARGET',
      `${title} belongs to ${mesh?.title ?? 'no mesh'}, whose control plane does not tell what it would send to a proxy.`,
      {
        hint: `See what the proxy has with "meshctl proxy-config ${part} ${proxy?.pod ?? 'POD'} -n ${proxy?.namespace ?? 'NAMESPACE'}", and its state with "meshctl proxy-status". A comparison is possible with ${able.join(' and ')}.`,
        exit: EXIT.question,
      },
    );
  }
  return mesh.intended({ kind: 'core/Pod', namespace: proxy.namespace, name: proxy.pod, proxy: proxy.kind }, cluster);
}

const written = (document: object, format: string): string =>
  format === 'yaml' ? writeYaml(JSON.parse(JSON.stringify(document))) : `${JSON.stringify(document, undefined, 2)}\n`;
