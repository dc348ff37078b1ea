/** What the user may do, by the server's own judgement. */
import { booleanAt, stringAt } from '../model/body.ts';
import type { AccessAnswer, AccessQuestion } from '../model/cluster.ts';
import { inParallel } from '../model/parallel.ts';
import { shortKind } from '../model/resource.ts';
import type { Kinds } from './discovery.ts';
import { pluralOf } from './paths.ts';
import type { Api } from './request.ts';

const PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** @returns answers in the order of the questions */
export async function accessAnswers(
  api: Api,
  kinds: Kinds,
  questions: readonly AccessQuestion[],
  signal: AbortSignal | undefined,
): Promise<readonly AccessAnswer[]> {
  return inParallel(questions, 8, async ({ verb, kind, namespace, name, subresource }) => {
    const served = kinds.get(kind);
    // A kind may be asked about before its CRD is installed; then its plural is guessed as Kubernetes does.
    const resource = served?.plural ?? pluralOf(`core/${shortKind(kind).toLowerCase()}`);
    const group = kind.startsWith('core/') ? '' : kind.slice(0, kind.indexOf('/'));
    const answer = await api.json({
      about: { verb: 'create', what: 'SelfSubjectAccessReviews', resource: 'selfsubjectaccessreviews.authorization.k8s.io' },
      method: 'POST',
      path: PATH,
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb, group, resource, namespace, name, subresource } },
      },
      repeatable: true,
      signal,
    });
    return { allowed: booleanAt(answer, 'status', 'allowed') === true, reason: stringAt(answer, 'status', 'reason') || undefined };
  });
}
