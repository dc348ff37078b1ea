/** Linkerd's webhooks: the injector, and the validators of its configuration. */
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Check, Facts } from '../../../model/check.ts';
import type { Kind } from '../../../model/resource.ts';
import { quotedList } from '../../../text/words.ts';
import { bundleOf, type CalledWebhook, webhookServicesReady } from '../../checks/webhooks.ts';
import { injectors } from '../injection.ts';
import { hints, MUTATING_WEBHOOK, SERVICE, VALIDATING_WEBHOOK } from '../kinds.ts';
import { servingTrouble } from '../serving-certificates.ts';
import { onPlanes } from './control-plane.ts';
import { type Trouble, verdict } from './verdict.ts';

interface Row {
  readonly server: 'proxy-injector' | 'sp-validator' | 'policy-validator';
  readonly kind: Kind;
  readonly what: string;
  readonly without: string;
}

const ROWS: readonly Row[] = [
  {
    server: 'proxy-injector',
    kind: MUTATING_WEBHOOK,
    what: 'the proxy injector',
    without: 'New pods start without a proxy, or are refused, as the failurePolicy says.',
  },
  {
    server: 'sp-validator',
    kind: VALIDATING_WEBHOOK,
    what: 'the validator of ServiceProfiles',
    without: 'ServiceProfiles are stored unchecked, or refused, as the failurePolicy says.',
  },
  {
    server: 'policy-validator',
    kind: VALIDATING_WEBHOOK,
    what: 'the validator of policies',
    without: 'Policies and routes are stored unchecked, or refused, as the failurePolicy says.',
  },
];

/** Entries of webhook configurations are named after the server: `linkerd-sp-validator.linkerd.io`. */
async function entriesOf({ server, kind }: Row, facts: Facts): Promise<readonly CalledWebhook[]> {
  return (await facts.list(kind)).flatMap((resource) =>
    itemsAt(resource.body, 'webhooks').flatMap(({ item, path }) => {
      if (stringAt(item, 'name') !== `linkerd-${server}.linkerd.io`) return [];
      const name = stringAt(item, 'clientConfig', 'service', 'name');
      const namespace = stringAt(item, 'clientConfig', 'service', 'namespace') ?? '';
      return [{ resource, path, service: name === undefined ? undefined : { namespace, name } }];
    }),
  );
}

const INJECTOR_EXISTS = 'linkerd/injector-webhook-exists';
const VALIDATORS_EXIST = 'linkerd/validator-webhooks-exist';

const injectorExists: Check = onPlanes({
  id: INJECTOR_EXISTS,
  category: 'injection',
  title: 'A webhook injects the proxy into new pods.',
  why: 'New pods start without proxy, and bypass the mesh.',
  docs: hints('l5d-existence-mwc'),
  aliases: ['l5d-existence-mwc'],
  reads: [MUTATING_WEBHOOK],
  run: async (facts) => {
    const known = await injectors(facts);
    if (known.length > 0) return { is: 'ok' };
    return {
      is: 'failed',
      reason: 'No MutatingWebhookConfiguration of Linkerd concerns new pods, so that none gets a proxy.',
      hint: 'Apply MutatingWebhookConfiguration "linkerd-proxy-injector-webhook-config" again from the installation.',
    };
  },
});

const validatorsExist: Check = onPlanes({
  id: VALIDATORS_EXIST,
  category: 'control-plane',
  title: "Webhooks validate Linkerd's configuration.",
  why: 'What is wrong is stored unchecked, and ignored where only a log tells.',
  docs: hints('l5d-existence-vwc'),
  aliases: ['l5d-existence-vwc'],
  reads: [VALIDATING_WEBHOOK],
  run: async (facts) => {
    const validators = ROWS.filter(({ kind }) => kind === VALIDATING_WEBHOOK);
    const entries = await Promise.all(validators.map((row) => entriesOf(row, facts)));
    const missing = validators.filter((_, index) => entries[index]?.length === 0).map(({ server }) => `linkerd-${server}-webhook-config`);
    if (missing.length === 0) return { is: 'ok' };
    return {
      is: 'failed',
      reason: `ValidatingWebhookConfiguration ${quotedList(missing)} ${missing.length === 1 ? 'does' : 'do'} not exist.`,
      hint: 'Apply it again from the installation.',
    };
  },
});

const servicesReady: Check = onPlanes({
  id: 'linkerd/webhook-services-ready',
  category: 'injection',
  title: "Every service that Linkerd's webhooks call exists and has a ready endpoint.",
  why: 'Without an answer new pods and new configuration pass as they are, or are refused, as the failurePolicy says.',
  docs: 'https://linkerd.io/2/reference/architecture/#proxy-injector',
  settles: true,
  needs: [INJECTOR_EXISTS],
  reads: [MUTATING_WEBHOOK, VALIDATING_WEBHOOK, SERVICE],
  run: async (facts) => {
    const entries = (await Promise.all(ROWS.map((row) => entriesOf(row, facts)))).flat();
    return webhookServicesReady(facts, entries, 'A webhook of Linkerd cannot be answered.');
  },
});

const certificates: readonly Check[] = ROWS.map((row) => {
  const valid = `l5d-${row.server}-webhook-cert-valid`;
  return onPlanes({
    id: `linkerd/${row.server}-certificate-valid`,
    category: 'certificates',
    title: `The API server trusts the certificate of ${row.what}, and will for a good part of its lifetime.`,
    why: row.without,
    docs: hints(valid),
    aliases: [valid, `l5d-${row.server}-webhook-cert-not-expiring-soon`],
    needs: [row.kind === MUTATING_WEBHOOK ? INJECTOR_EXISTS : VALIDATORS_EXIST],
    reads: [row.kind],
    run: async (facts) => {
      const entries = await entriesOf(row, facts);
      const judged = await Promise.all(
        entries.flatMap((entry) =>
          entry.service ? [servingTrouble(facts, { caller: entry.resource, bundle: bundleOf(entry), service: entry.service })] : [],
        ),
      );
      const hint = `Renew Secret "linkerd-${row.server}-k8s-tls" and the caBundle together: an upgrade of the installation makes both anew, or cert-manager keeps them.`;
      const troubles = judged.flatMap((trouble): readonly Trouble[] => (trouble ? [{ ...trouble, hint }] : []));
      return verdict(troubles, `${judged.length} of ${entries.length}.`, row.without);
    },
  });
});

export const webhookChecks: readonly Check[] = [injectorExists, validatorsExist, servicesReady, ...certificates];
