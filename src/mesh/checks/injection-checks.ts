/** Whether new pods get their sidecar, and what happens when the control plane is away. */
import type { Check, Facts } from '../../model/check.ts';
import { quotedList } from '../../text/words.ts';
import { type MeshWebhook, MUTATING_WEBHOOK, meshWebhooks, VALIDATING_WEBHOOK } from './pod-webhooks.ts';
import { needingPlane, type SidecarMesh } from './sidecar-mesh.ts';
import { laxWebhooks, SERVICE, webhookBundlesValid, webhookServicesReady } from './webhooks.ts';

export function injectionChecks(mesh: SidecarMesh): readonly Check[] {
  const { id, title, docs, webhookServer } = mesh;
  const exists = `${id}/injection-webhook-exists`;
  const all = (facts: Facts): Promise<readonly MeshWebhook[]> => meshWebhooks(facts, mesh.isWebhook);
  const injectors = async (facts: Facts): Promise<readonly MeshWebhook[]> => (await all(facts)).filter(({ injects }) => injects);
  return [
    needingPlane(mesh, {
      id: exists,
      category: 'injection',
      title: `A webhook of ${title} injects the sidecar into new pods.`,
      why: 'New pods start without sidecar, and bypass the mesh.',
      docs: docs.injection,
      reads: [MUTATING_WEBHOOK],
      run: async (facts) => {
        const names = [...new Set((await injectors(facts)).map(({ resource }) => resource.name))];
        if (names.length > 0) return { is: 'ok', reason: `${quotedList(names)}.` };
        const spared = await mesh.spared?.(facts);
        if (spared !== undefined) return { is: 'ok', reason: spared };
        return {
          is: 'failed',
          reason: `No MutatingWebhookConfiguration of ${title} concerns new pods, so that none gets a sidecar.`,
          hint: `Install the control plane of ${title} again: it brings the webhooks.`,
        };
      },
    }),
    {
      id: `${id}/webhook-services-ready`,
      category: 'injection',
      title: `Every service that a webhook of ${title} calls exists and has a ready endpoint.`,
      why: 'Without an answer new pods and new configuration are refused, or pass as they are, as the failurePolicy says.',
      docs: docs.injection,
      settles: true,
      needs: [exists],
      reads: [SERVICE, MUTATING_WEBHOOK, VALIDATING_WEBHOOK],
      run: async (facts) =>
        webhookServicesReady(
          facts,
          await all(facts),
          'A webhook cannot be answered: new pods or new configuration are refused, or pass as they are.',
        ),
    },
    {
      id: `${id}/webhook-ca-bundles-valid`,
      category: 'injection',
      title: `Every webhook of ${title} trusts an authority whose certificate is in date.`,
      why: 'The API server calls no webhook whose certificate it does not trust: new pods and new configuration are refused, or pass as they are.',
      docs: docs.injection,
      settles: true,
      needs: [exists],
      reads: [MUTATING_WEBHOOK, VALIDATING_WEBHOOK],
      run: async (facts) =>
        webhookBundlesValid(await all(facts), facts.now, {
          meaning: `The API server cannot trust ${webhookServer.name}: new pods or new configuration are refused, or pass as they are.`,
          hint: webhookServer.hint,
          writer: webhookServer.name,
        }),
    },
    {
      id: `${id}/injection-failure-policy-safe`,
      category: 'injection',
      title: `No pod starts without its sidecar because the control plane of ${title} is away.`,
      why: 'Pods that start meanwhile stay without sidecar until somebody restarts them.',
      docs: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy',
      needs: [exists],
      reads: [MUTATING_WEBHOOK],
      run: async (facts) => {
        const asked = await injectors(facts);
        const lax = laxWebhooks(asked);
        if (lax.length === 0) return { is: 'ok', reason: asked.length === 0 ? 'None injects pods here.' : 'The failurePolicy is "Fail".' };
        return {
          is: 'warning',
          reason: `With failurePolicy "Ignore", pods that are created while ${webhookServer.name} is away get no sidecar and bypass the mesh.`,
          hint: `Set failurePolicy to "Fail", and give ${webhookServer.name} more than one replica.`,
          affected: lax.map((resource) => ({ resource })),
        };
      },
    },
  ];
}
