/** Flags that `install`, `upgrade` and `uninstall` share. */
import type { OptionRow } from './define.ts';

export const MESHES_TO_INSTALL = ['istio', 'linkerd', 'kuma', 'consul'] as const;

export const meshArgument = {
  name: '[mesh]',
  description: 'istio, linkerd, kuma or consul',
  completes: MESHES_TO_INSTALL,
};

/** What is installed, and with which values. */
export const chartOptions: readonly OptionRow[] = [
  { flags: '--mesh <mesh>', description: 'the mesh, in place of the argument', choices: MESHES_TO_INSTALL },
  { flags: '--profile <name>', description: 'defaults to begin with; "meshctl profile list" names them', defaultText: "the mesh's own" },
  { flags: '--version <version>', description: 'version of the mesh, or a constraint such as ~1.30', defaultText: 'the newest stable one' },
  { flags: '--revision <revision>', description: 'install this control plane beside the others' },
  { flags: '-n, --namespace <namespace>', description: 'namespace of the control plane', defaultText: 'the usual one' },
  { flags: '--with <component>', description: 'install these components too', repeats: true },
  { flags: '--without <component>', description: 'leave these components out', repeats: true },
  {
    flags: '-f, --values <[component=]file>',
    description: 'values for all charts, or for one; an IstioOperator file is converted',
    repeats: true,
    keepsCommas: true,
  },
  { flags: '--set <[component:]key=value>', description: "values in Helm's syntax", repeats: true, keepsCommas: true },
  { flags: '--set-string <[component:]key=value>', description: 'the same, always as text', repeats: true, keepsCommas: true },
  { flags: '--set-json <[component:]key=json>', description: 'the same, as JSON', repeats: true, keepsCommas: true },
  { flags: '--set-file <[component:]key=file>', description: 'the same, as the text of a file', repeats: true, keepsCommas: true },
];

/** Where charts come from. */
export const sourceOptions: readonly OptionRow[] = [
  { flags: '--chart <component=chart>', description: 'take the chart of a component from this folder or archive', repeats: true },
  { flags: '--repo <url>', description: "take charts from this repository instead of the mesh's own: https://… or oci://…" },
  { flags: '--ca-file <file>', description: "certificate authority of the repository, besides the machine's" },
];

/** What is done, and how long it is waited for. */
export const applyOptions: readonly OptionRow[] = [
  { flags: '--plan', description: 'show what would change, with the difference, and stop' },
  { flags: '--dry-run', description: 'print the manifests and stop; works without a cluster' },
  { flags: '--kube-version <version>', description: 'with --dry-run: render for this version of Kubernetes', defaultText: "the cluster's" },
  { flags: '--show-values', description: 'print the values of each chart and stop' },
  { flags: '--no-wait', description: 'do not wait until workloads are ready; charts that others need are waited for all the same' },
  { flags: '--timeout <duration>', description: 'how long each component may take to become ready', defaultText: '5m' },
  { flags: '--atomic', description: 'when it fails, go back to what was there before' },
  { flags: '--skip-crds', description: 'leave out what lies in the folders crds/ of charts' },
  { flags: '--take-ownership', description: 'take over objects that are there and belong to no release' },
  { flags: '-y, --yes', description: 'do not ask' },
  { flags: '-o, --output <format>', description: 'of the plan, or of what was done', choices: ['text', 'json', 'yaml'], default: 'text' },
];
