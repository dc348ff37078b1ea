/** The trust anchors and the issuer of workloads' certificates. Of keys nothing is told but whether they fit. */
import type { Check, CheckResult, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import type { Certificate } from '../../../text/pem.ts';
import { count, quotedList } from '../../../text/words.ts';
import { LEAST_LEFT, lifetimeOf } from '../../checks/certificates.ts';
import { type ControlPlane, configOf, controlPlanes } from '../control-planes.ts';
import { type Issuer, issuerRef, readIssuer, rootsOf, trustAnchors, trustRootsRef } from '../identity.ts';
import { hints } from '../kinds.ts';
import { onPlanes } from './control-plane.ts';
import { type Trouble, verdict } from './verdict.ts';

const ANCHORS_READABLE = 'linkerd/trust-anchors-readable';
const ISSUER_READABLE = 'linkerd/issuer-readable';
const ROTATION = 'https://linkerd.io/2/tasks/manually-rotating-control-plane-tls-credentials/';

interface Anchored {
  readonly plane: ControlPlane;
  readonly resource: Resource;
  readonly anchors: readonly Certificate[];
}

async function anchored(facts: Facts): Promise<readonly Anchored[]> {
  const found = await Promise.all(
    (await controlPlanes(facts)).map(async (plane) => ({
      plane,
      resource: await facts.get(trustRootsRef(plane)),
      anchors: await trustAnchors(facts, plane),
    })),
  );
  return found.flatMap(({ plane, resource, anchors }) => (resource && anchors ? [{ plane, resource, anchors }] : []));
}

interface Issuing {
  readonly plane: ControlPlane;
  readonly resource: Resource;
  readonly issuer: Issuer;
}

async function issuing(facts: Facts): Promise<readonly Issuing[]> {
  const found = await Promise.all(
    (await controlPlanes(facts)).map(async (plane) => ({ plane, resource: await facts.get(issuerRef(plane)) })),
  );
  return found.flatMap(({ plane, resource }) => {
    const issuer = resource && readIssuer(resource);
    return issuer ? [{ plane, resource, issuer }] : [];
  });
}

const nameOf = ({ subject, serial, fingerprint }: Certificate): string =>
  `"${subject || `serial ${serial}`}" (${fingerprint.slice(0, 12)})`;

const anchorsReadable: Check = onPlanes({
  id: ANCHORS_READABLE,
  category: 'certificates',
  title: 'Every control plane has trust anchors that can be read.',
  why: 'The identity controller does not start without them, and proxies get no certificates.',
  docs: hints('l5d-identity-cert-config-valid'),
  aliases: ['l5d-identity-cert-config-valid'],
  run: async (facts) => {
    const found = await anchored(facts);
    const counts = found.map(({ anchors }) => count(anchors.length, 'trust anchor'));
    for (const plane of await controlPlanes(facts)) {
      const own = found.find((each) => each.plane.namespace === plane.namespace);
      if (own && own.anchors.length > 0) continue;
      const name = `ConfigMap "${plane.namespace}/linkerd-identity-trust-roots"`;
      return {
        is: 'failed',
        reason: own ? `${name} holds no certificate that can be read in "ca-bundle.crt".` : `${name} does not exist.`,
        hint: 'Write the trust anchors into it as PEM, or let trust-manager or the installation do so.',
        affected: own ? [{ resource: own.resource }] : [],
      };
    }
    return { is: 'ok', reason: `${counts.join(', ')}.` };
  },
});

const isStrong = ({ type, bits, curve }: Certificate['key']): boolean =>
  (type === 'ec' && curve === 'prime256v1') || (type === 'rsa' && (bits === 2048 || bits === 4096));

const keyText = ({ type, bits, curve }: Certificate['key']): string =>
  [type, curve ?? '', bits ?? ''].filter((part) => part !== '').join(' ');

const anchorsSupported: Check = onPlanes({
  id: 'linkerd/trust-anchors-supported',
  category: 'certificates',
  title: 'The keys of all trust anchors are of a kind that proxies support.',
  why: 'Proxies refuse every certificate below an anchor whose algorithm they do not know.',
  docs: hints('l5d-identity-trustAnchors-use-supported-crypto'),
  aliases: ['l5d-identity-trustAnchors-use-supported-crypto'],
  needs: [ANCHORS_READABLE],
  run: async (facts) => {
    const troubles = (await anchored(facts)).flatMap(({ resource, anchors }) =>
      anchors.flatMap((anchor): readonly Trouble[] => {
        if (isStrong(anchor.key)) return [];
        const hint = 'Replace the anchor by one with a key of ECDSA P-256, or of RSA with 2048 or 4096 bits.';
        return [{ is: 'failed', resource, detail: `The key of ${nameOf(anchor)} is ${keyText(anchor.key)}.`, hint }];
      }),
    );
    return verdict(troubles, 'ECDSA P-256, or RSA with 2048 or 4096 bits.', 'Trust anchors have keys that proxies do not support.');
  },
});

const anchorsValid: Check = onPlanes({
  id: 'linkerd/trust-anchors-valid',
  category: 'certificates',
  title: 'A trust anchor is in date, and will be for a good part of its lifetime.',
  why: 'When the last trust anchor ends, every proxy refuses every other one.',
  docs: hints('l5d-identity-trustAnchors-are-time-valid'),
  aliases: ['l5d-identity-trustAnchors-are-time-valid', 'l5d-identity-trustAnchors-not-expiring-soon'],
  needs: [ANCHORS_READABLE],
  run: async (facts) => {
    const found = await anchored(facts);
    const troubles = found.flatMap(({ resource, anchors }): readonly Trouble[] => {
      const judged = anchors.map((anchor) => ({ anchor, lifetime: lifetimeOf(anchor, facts.now) }));
      // During a rotation the old anchor may end while the new one is good.
      if (judged.some(({ lifetime }) => lifetime.is === 'ok')) return [];
      const usable = judged.some(({ lifetime }) => lifetime.is === 'warning');
      const hint = `Add a new anchor to the bundle, restart the workloads, and issue a new issuer's certificate from it: see ${ROTATION}.`;
      return judged.map(({ anchor, lifetime }) => ({
        ...{ is: usable ? ('warning' as const) : ('failed' as const), resource, hint },
        detail: `${nameOf(anchor)} ${lifetime.words}.`,
      }));
    });
    return verdict(troubles, anchorWords(found, facts.now), 'No trust anchor is in date for long.');
  },
});

function anchorWords(found: readonly Anchored[], now: number): string {
  const judged = found.flatMap(({ anchors }) => anchors.map((anchor) => ({ anchor, lifetime: lifetimeOf(anchor, now) })));
  const ended = judged.filter(({ lifetime }) => lifetime.is === 'failed').length;
  const note = ended === 0 ? '' : ` ${count(ended, 'anchor')} of ${judged.length} can be removed from the bundle once no issuer needs it.`;
  const good = judged.find(({ lifetime }) => lifetime.is === 'ok');
  return good ? `${nameOf(good.anchor)} ${good.lifetime.words}.${note}` : '';
}

const issuerReadable: Check = onPlanes({
  id: ISSUER_READABLE,
  category: 'certificates',
  title: 'Every control plane has an issuer with a certificate and the key that fits it.',
  why: 'Without it no proxy gets a certificate, and new pods do not become ready.',
  docs: hints('l5d-identity-cert-config-valid'),
  aliases: ['l5d-identity-cert-config-valid'],
  run: async (facts) => {
    for (const plane of await controlPlanes(facts)) {
      const result = await judgeIssuer(facts, plane);
      if (result) return result;
    }
    return { is: 'ok' };
  },
});

async function judgeIssuer(facts: Facts, plane: ControlPlane): Promise<CheckResult | undefined> {
  const name = `Secret "${plane.namespace}/linkerd-identity-issuer"`;
  const hint = `Issue it again, with cert-manager or as ${ROTATION} tells.`;
  const secret = await facts.get(issuerRef(plane));
  if (!secret) return { is: 'failed', reason: `${name} does not exist.`, hint };
  const issuer = readIssuer(secret);
  const bad = (is: 'failed' | 'warning', reason: string): CheckResult => ({ is, reason, hint, affected: [{ resource: secret }] });
  if (!issuer) return bad('failed', `${name} holds no certificate that can be read.`);
  if (!issuer.certificate.isCa) return bad('failed', `The certificate in ${name} is not that of an authority.`);
  if (issuer.hasItsKey === undefined) return bad('failed', `${name} holds no key that can be read.`);
  if (!issuer.hasItsKey) return bad('failed', `The key in ${name} does not belong to its certificate.`);
  const scheme = (await configOf(facts, plane))?.issuerScheme;
  if (scheme === undefined || scheme === issuer.scheme) return undefined;
  return bad('failed', `${name} is of scheme "${issuer.scheme}", but Linkerd is installed for "${scheme}" and looks for other fields.`);
}

const issuerSupported: Check = onPlanes({
  id: 'linkerd/issuer-supported',
  category: 'certificates',
  title: 'The key of the issuer is of ECDSA P-256.',
  why: 'The identity controller signs with no other, and does not start.',
  docs: hints('l5d-identity-issuer-cert-uses-supported-crypto'),
  aliases: ['l5d-identity-issuer-cert-uses-supported-crypto'],
  needs: [ISSUER_READABLE],
  run: async (facts) => {
    const troubles = (await issuing(facts)).flatMap(({ resource, issuer }): readonly Trouble[] => {
      const { key } = issuer.certificate;
      if (key.type === 'ec' && key.curve === 'prime256v1') return [];
      const hint = 'Issue it with a key of ECDSA P-256, in cert-manager "privateKey: { algorithm: ECDSA }".';
      return [{ is: 'failed', resource, detail: `Its key is ${keyText(key)}.`, hint }];
    });
    return verdict(troubles, 'It is.', 'The issuer has a key that Linkerd does not support.');
  },
});

const issuerValid: Check = onPlanes({
  id: 'linkerd/issuer-valid',
  category: 'certificates',
  title: "The issuer's certificate is in date, and will be for a good part of its lifetime.",
  why: 'With its end no proxy gets a new certificate: within a day all of them refuse each other.',
  docs: hints('l5d-identity-issuer-cert-is-time-valid'),
  aliases: ['l5d-identity-issuer-cert-is-time-valid', 'l5d-identity-issuer-cert-not-expiring-soon'],
  needs: [ISSUER_READABLE],
  run: async (facts) => {
    const judged = (await issuing(facts)).map(({ resource, issuer: { certificate } }) => ({
      resource,
      lifetime: lifetimeOf(certificate, facts.now, leastLeftOf(certificate)),
    }));
    const troubles = judged.flatMap(({ resource, lifetime }): readonly Trouble[] => {
      if (lifetime.is === 'ok') return [];
      const hint = `Issue it again from a trust anchor: where cert-manager keeps it, run "kubectl -n ${resource.namespace} describe certificate"; otherwise see ${ROTATION}.`;
      return [{ is: lifetime.is, resource, detail: `Its certificate ${lifetime.words}.`, hint }];
    });
    return verdict(
      troubles,
      `It ${judged.map(({ lifetime }) => lifetime.words).join(', ')}.`,
      "The issuer's certificate is out of date or ends soon.",
    );
  },
});

const QUARTER_MS = 92 * 86_400_000;

/** What lives no longer than a quarter is renewed by a tool, and tools begin when a third is left. */
const leastLeftOf = ({ notBefore, notAfter }: Certificate): number => (notAfter - notBefore <= QUARTER_MS ? 0.3 : LEAST_LEFT);

const issuerTrusted: Check = onPlanes({
  id: 'linkerd/issuer-trusted',
  category: 'certificates',
  title: 'The issuer descends from a trust anchor that is in date.',
  why: 'Proxies refuse the certificates of an issuer that no anchor of theirs has signed.',
  docs: hints('l5d-identity-issuer-cert-issued-by-trust-anchor'),
  aliases: ['l5d-identity-issuer-cert-issued-by-trust-anchor'],
  needs: [ANCHORS_READABLE, ISSUER_READABLE],
  run: async (facts) => {
    const all = await anchored(facts);
    const trusted: string[] = [];
    const troubles = (await issuing(facts)).flatMap(({ plane, resource, issuer }): readonly Trouble[] => {
      const anchors = all.find((each) => each.plane.namespace === plane.namespace)?.anchors ?? [];
      const roots = rootsOf(issuer, anchors);
      const current = roots.find((root) => lifetimeOf(root, facts.now).is !== 'failed');
      if (current) trusted.push(nameOf(current));
      if (current) return [];
      const anchorList = quotedList(anchors.map(({ subject }) => subject));
      const detail =
        roots.length === 0 ? `None of the trust anchors ${anchorList} has signed it.` : 'The trust anchor that signed it is out of date.';
      const hint = `Add the certificate that signed it to ConfigMap "${plane.namespace}/linkerd-identity-trust-roots", or issue it again from an anchor that is there.`;
      return [{ is: 'failed', resource, detail, hint }];
    });
    return verdict(troubles, `${trusted.join(', ')} vouches for it.`, 'The issuer is not trusted.');
  },
});

export const identityChecks: readonly Check[] = [
  anchorsReadable,
  anchorsSupported,
  anchorsValid,
  issuerReadable,
  issuerSupported,
  issuerValid,
  issuerTrusted,
];
