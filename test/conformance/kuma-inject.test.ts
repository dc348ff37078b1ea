/** Kuma's own cases of its injector: the same pods, compared without what is empty. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { overlay } from '../../src/mesh/injection/edit.ts';
import { inject } from '../../src/mesh/kuma/inject/index.ts';
import { isBody } from '../../src/model/body.ts';
import type { Injector, InjectRequest } from '../../src/model/inject.ts';
import type { Body } from '../../src/model/resource.ts';
import { resourceOf } from '../../src/model/resource-of.ts';
import { parseYaml } from '../../src/text/yaml.ts';

interface Case {
  readonly id: string;
  readonly namespace: string;
  readonly inputFile: string;
  readonly goldenFile: string;
  readonly configFile: string;
  readonly nativeSidecar: boolean;
}

const folder = fileURLToPath(new URL('../../../shared/cases/kuma-inject/', import.meta.url));
const isPresent = existsSync(folder);
if (!isPresent) console.warn(`SKIPPED: the cases of Kuma are not at ${folder}.`);

const cases: readonly Case[] = isPresent ? JSON.parse(readFileSync(`${folder}cases.json`, 'utf8')).cases : [];

const bodyIn = (text: string): Body => {
  const value = parseYaml(text);
  return isBody(value) ? value : {};
};
const read = (file: string): string => readFileSync(folder + file, 'utf8');

/** Kuma's tests read their files over nothing, where a control plane reads them over its defaults. */
const NOTHING: Body = {
  builtinDNS: { enabled: false, port: 0 },
  otelPipeEnabled: false,
  envoyAdminUnixSocket: false,
  exceptions: { labels: {} },
  sidecarContainer: { startupProbe: { initialDelaySeconds: 0, timeoutSeconds: 0, periodSeconds: 0, failureThreshold: 0 } },
};

const PATCH = `
kind: ContainerPatch
metadata: { name: container-patch-1, namespace: kuma-system }
spec:
  sidecarPatch:
    - { op: add, path: /securityContext/privileged, value: "false" }
    - op: add
      path: /volumeMounts/-
      value: '{ "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount/", "name": "{{ template \\"kong.serviceAccountTokenName\\" . }}", "readOnly": true }'
  initPatch:
    - { op: remove, path: /securityContext/runAsUser }
`;

async function injectorFor({ configFile, nativeSidecar }: Case): Promise<Injector> {
  const configuration = overlay(NOTHING, bodyIn(read(configFile)));
  return inject.open({
    manual: true,
    files: {
      'injector-config': { path: configFile, text: JSON.stringify(configuration) },
      'ca-cert': { path: 'ca.pem', text: certificate() },
      'container-patches': { path: 'patches.yaml', text: PATCH },
    },
    settings: { 'control-plane-url': 'http://kuma-control-plane.kuma-system:5681', nativeSidecar },
  });
}

/** That of the tests, as it stands in what they expect. */
function certificate(): string {
  const [first] = cases;
  const [, lines = ''] =
    /name: KUMA_CONTROL_PLANE_CA_CERT\n +value: \|\n([\s\S]*?-----END CERTIFICATE-----\n)/.exec(read(first?.goldenFile ?? '')) ?? [];
  return lines.replaceAll(/^ +/gm, '');
}

function requestFor(object: Body, { namespace }: Case): InjectRequest {
  return {
    object,
    template: [],
    namespace: 'default',
    home: resourceOf(bodyIn(namespace), 'default', { clusterScoped: true, namespace: '', namespaceGiven: false }),
  };
}

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (!isBody(value)) return value;
  const entries = Object.entries(value).map(([key, entry]) => [key, tidy(entry)] as const);
  const isEmpty = (entry: unknown): boolean => entry === null || (typeof entry === 'object' && Object.keys(entry).length === 0);
  return Object.fromEntries(entries.filter(([, entry]) => !isEmpty(entry)));
}

describe.skipIf(!isPresent)('the cases of Kuma', () => {
  it.each(cases.map((each) => [each.id, each] as const))('%s', async (_, given) => {
    const injector = await injectorFor(given);
    const input = bodyIn(read(given.inputFile));
    const { object = {}, action } = injector.inject(requestFor(input, given));
    expect(tidy(object)).toEqual(tidy(bodyIn(read(given.goldenFile))));
    expect(action).toBe('injected');
    expect(injector.inject(requestFor(object, given)).action).toBe('unchanged');
    const clean = inject.uninject(requestFor(input, given)).object ?? input;
    expect(tidy(inject.uninject(requestFor(object, given)).object)).toEqual(tidy(clean));
  });
});
