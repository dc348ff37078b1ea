import { EXIT, MeshctlError } from '../errors.ts';
import { nearest } from '../text/nearest.ts';
import { type Context, type Options, type Run, textOf } from './define.ts';
import { installable, meshNamed } from './install.mesh.ts';
import { formatted, listText, profileDocument, profileListDocument, profileText } from './profile.view.ts';

const ACTIONS = { list, show };

type Action = (args: readonly string[], options: Options, context: Context) => Promise<string>;

export const run: Run = async ([name = '', ...args], options, context) => {
  const action: Action | undefined = Object.hasOwn(ACTIONS, name) ? ACTIONS[name as keyof typeof ACTIONS] : undefined;
  if (action) return { text: await action(args, options, context), exit: EXIT.fine };
  const close = nearest(name, Object.keys(ACTIONS));
  throw new MeshctlError('E_USAGE', `"meshctl profile" cannot "${name}".`, {
    hint: `${close ? `Did you mean "${close}"? ` : ''}Write "meshctl profile list" or "meshctl profile show MESH".`,
  });
};

async function list(args: readonly string[], options: Options, { host, color }: Context): Promise<string> {
  if (args.length > 1) {
    throw new MeshctlError('E_USAGE', `"meshctl profile list" takes one mesh; "${args[1]}" is one too many.`, {
      hint: `Did you mean "meshctl profile show ${args.join(' ')}"?`,
    });
  }
  const mesh = meshNamed(args, options);
  const meshes = mesh ? [mesh] : installable;
  return (
    formatted(textOf(options, 'output'), profileListDocument(meshes)) ?? listText(meshes, { color: color.out, width: host.out.columns })
  );
}

async function show(args: readonly string[], options: Options, { host, color }: Context): Promise<string> {
  const mesh = meshNamed(args, options);
  if (!mesh) {
    throw new MeshctlError('E_USAGE', '"meshctl profile show" needs a mesh.', {
      hint: `Meshes that can be installed are ${installable.map(({ adapter }) => adapter.id).join(', ')}.`,
    });
  }
  const profile = args[1] ?? mesh.install.defaultProfile;
  const { components } = await mesh.install.plan({
    profile,
    with: [],
    without: [],
    values: { all: {}, of: {} },
    before: {},
    now: new Date(host.clock.now()),
    complete: false,
  });
  const shown = { mesh, profile, components };
  return formatted(textOf(options, 'output'), profileDocument(shown)) ?? profileText(shown, { color: color.out, width: host.out.columns });
}
