/** authz: target and request → objects and proxies → policies that apply, and what they decide → report. */
import { EXIT, type ExitCode, MeshctlError } from '../errors.ts';
import type { Verdict } from '../model/authz.ts';
import { requestOf } from './authz.request.ts';
import { renderAuthz } from './authz.view.ts';
import { type Run, textOf } from './define.ts';
import { openQuestion } from './mesh-question.ts';

export const run: Run = async ([target = ''], options, context) => {
  const failOn = textOf(options, 'failOn') ?? 'never';
  const question = await openQuestion({ target, capability: 'authz', rules: [] }, options, context);
  const { subject, mesh, resources, facts, namespace } = question;
  const request = requestOf(options, namespace, mesh, resources);
  if (!request && failOn !== 'never') {
    throw new MeshctlError('E_USAGE', `--fail-on ${failOn} is about a request, and none was told of.`, {
      hint: 'Say who calls with --from, and what with --method and --path.',
    });
  }
  if (!mesh.authz) throw new RangeError(mesh.id);
  const authorization = await mesh.authz.tell(subject, resources, { request, facts });
  const text = renderAuthz(
    { mesh: mesh.id, target: subject.target, notRead: question.notRead, authorization, request },
    textOf(options, 'output') ?? 'text',
    context,
  );
  return { text, exit: exitCode(authorization.verdict, failOn) };
};

function exitCode(verdict: Verdict | undefined, failOn: string): ExitCode {
  if (!verdict || failOn === 'never' || verdict.is === 'allowed') return EXIT.fine;
  return verdict.is === 'denied' || failOn === 'depends' ? EXIT.bad : EXIT.fine;
}
