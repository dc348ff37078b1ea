/** Flags of template, checked. */
import type { ChartSource } from '../charts/reference.ts';
import { MeshctlError } from '../errors.ts';
import { type Options, textOf, textsOf } from './define.ts';

export interface TemplatePlan {
  readonly source: ChartSource;
  readonly release: string;
  readonly namespace: string;
  readonly kubeVersion: string;
  readonly apiVersions: readonly string[];
  readonly isUpgrade: boolean;
  readonly includesCrds: boolean;
  readonly includesHooks: boolean;
  readonly skipsTests: boolean;
  readonly showOnly: readonly string[];
  readonly outputFolder: string | undefined;
}

/** What Helm takes for the cluster's version where there is no cluster: that of the library it is built with. */
const KUBE_VERSION = 'v1.36.0';

/** @throws MeshctlError E_USAGE */
export function templatePlan(args: readonly string[], options: Options): TemplatePlan {
  const [chart = '', named] = args.toReversed();
  if (args.length > 2) throw usage(`"meshctl template" takes a release and a chart, and "${args[2]}" is one argument more.`);
  const flag = textOf(options, 'release');
  if (named !== undefined && flag !== undefined && named !== flag) {
    throw usage(`The argument names the release "${named}", and --release "${flag}".`, 'Give one of them.');
  }
  if ((textOf(options, 'username') === undefined) !== (textOf(options, 'password') === undefined)) {
    throw usage('--username and --password go together.');
  }
  if (textOf(options, 'outputDir') !== undefined && textsOf(options, 'showOnly').length > 0) {
    throw usage('--show-only and --output-dir cannot go together: the one prints, the other writes.', 'Give one of them.');
  }
  const kubeVersion = textOf(options, 'kubeVersion') ?? KUBE_VERSION;
  if (!/^v?\d+\.\d+(?:\.\d+\S*)?$/.test(kubeVersion)) {
    throw usage(`--kube-version "${kubeVersion}" is no version of Kubernetes.`, 'Write it like "1.33".');
  }
  return {
    source: sourceOf(chart, options),
    release: releaseNamed(named ?? flag ?? 'release-name'),
    namespace: textOf(options, 'namespace') ?? 'default',
    kubeVersion,
    apiVersions: textsOf(options, 'apiVersions'),
    isUpgrade: options['isUpgrade'] === true,
    includesCrds: options['includeCrds'] === true && options['skipCrds'] !== true,
    includesHooks: options['hooks'] !== false,
    skipsTests: options['skipTests'] === true,
    showOnly: textsOf(options, 'showOnly'),
    outputFolder: textOf(options, 'outputDir'),
  };
}

function sourceOf(chart: string, options: Options): ChartSource {
  const version = textOf(options, 'version') ?? (options['devel'] === true ? '>0.0.0-0' : undefined);
  const repository = textOf(options, 'repo');
  if (repository !== undefined) return { repository, name: chart, version };
  return /^(?:oci|https?):\/\//.test(chart) ? { url: chart, version } : { path: chart };
}

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const RELEASE = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

function releaseNamed(name: string): string {
  if (RELEASE.test(name) && name.length <= 53) return name;
  throw usage(`"${name}" is no name of a release.`, 'Use small letters, digits, "-" and ".", 53 characters at most.');
}

const usage = (message: string, hint?: string): MeshctlError => new MeshctlError('E_USAGE', message, { hint });
