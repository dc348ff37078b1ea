import { at, isBody } from '../../../model/body.ts';
import type { InjectOutcome, Injector, InjectReason, InjectRequest } from '../../../model/inject.ts';
import { podInjector } from './inject-pod.ts';
import { ownerOf } from './owner.ts';
import { containersOf, podOf } from './pod.ts';
import { refusal } from './policy.ts';
import { InjectProblem } from './problem.ts';
import { remarksOn } from './remarks.ts';
import { withPodTemplate } from './replace-pod.ts';
import type { InjectorSetup } from './setup.ts';
import { statusOf } from './status.ts';

export function istioInjector(setup: InjectorSetup): Injector {
  const inject = podInjector(setup);
  return {
    inject(request: InjectRequest): InjectOutcome {
      const pod = podOf(at(request.object, request.template));
      if (!isBody(at(request.object, request.template)) || containersOf(pod, 'containers').length === 0) {
        return { action: 'skipped', reasons: [{ code: 'no-containers', message: 'The pod has no containers.' }] };
      }
      const refused = refusal(pod, request.namespace, setup.config);
      if (refused) return { action: 'skipped', reasons: [refused] };
      try {
        const owner = ownerOf(request.object, request.template.length === 0, pod);
        const done = inject({ pod, namespace: request.namespace, home: request.home, owner });
        const object = withPodTemplate(request, done);
        if (object === request.object) {
          return { action: 'unchanged', reasons: [{ code: 'already-injected', message: 'The proxy is in it already, and up to date.' }] };
        }
        return { action: 'injected', reasons: [...(statusOf(pod) ? [UPDATED] : []), ...remarksOn(pod)], object };
      } catch (error) {
        if (!(error instanceof InjectProblem)) throw error;
        return { action: 'failed', reasons: [{ code: error.code, message: error.message }] };
      }
    },
  };
}

const UPDATED: InjectReason = { code: 'already-injected', message: 'The proxy was in it already, and is brought up to date.' };
