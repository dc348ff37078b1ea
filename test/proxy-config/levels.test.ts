/** Levels of an Envoy's logging: what it was started with, and the shortest way back. */
import { describe, expect, it } from 'vitest';
import { ENVOY } from '../../src/commands/proxy-config.envoy.ts';
import { levelChanges, shortestBack } from '../../src/commands/proxy-config.levels.ts';
import { resourcesFrom } from '../builders.ts';

function initial(container: string): readonly string[] {
  const [pod] = resourcesFrom(
    `apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n    - name: app\n    - ${container}\n`,
  );
  if (!pod) throw new Error('no pod');
  return ENVOY.logging.initial(pod);
}

describe('an Envoy was started with', () => {
  it.each([
    ['{ name: istio-proxy, args: [proxy, sidecar, --proxyLogLevel=info, --proxyComponentLogLevel=misc:error] }', ['info', 'misc:error']],
    ['{ name: istio-proxy, args: [proxy, sidecar, --proxyLogLevel, debug] }', ['debug']],
    ['{ name: istio-proxy, args: [proxy, sidecar, "--proxyComponentLogLevel=misc:error,http:debug"] }', ['misc:error', 'http:debug']],
    ['{ name: istio-proxy, args: [proxy, sidecar, --log_output_level=default:debug] }', ['warning']],
    ['{ name: kuma-sidecar, args: [run, --log-level=info, --envoy-log-level=error] }', ['error']],
    ['{ name: kuma-sidecar, args: [run, --log-level=info] }', ['warning']],
    ['{ name: envoy, command: [envoy], args: [--log-level, error, --config-path, /etc/envoy/bootstrap.yaml] }', ['error']],
    ['{ name: envoy, env: [{ name: ENVOY_LOG_LEVEL, value: info }] }', ['info']],
  ])('%s', (container, levels) => {
    expect(initial(container)).toEqual(levels);
  });
});

describe('the way back', () => {
  const many = (level: string): Record<string, string> =>
    Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`l${index}`, level]));

  it.each([
    ['nothing, where nothing changed', many('warning'), many('warning'), []],
    ['the loggers, where few changed', many('warning'), { ...many('warning'), l1: 'debug' }, ['l1:warning']],
    ['one level, where all had it', many('warning'), many('debug'), ['warning']],
    ['what most had and the rest, where all changed', { ...many('warning'), l1: 'error' }, many('debug'), ['warning', 'l1:error']],
  ])('is %s', (_title, before, after, back) => {
    expect(shortestBack(before, after)).toEqual(back);
  });

  it('leads back', () => {
    const levels = ['info', 'debug', 'warning', 'error'];
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    for (let round = 0; round < 200; round++) {
      const some = (): Record<string, string> =>
        Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`l${index}`, levels[random(round % 4 === 0 ? 1 : 4)] ?? '']));
      const [before, after] = [some(), some()];
      const now = { ...after };
      const known = { levels, loggers: Object.keys(after), spelled: (level: string) => level };
      for (const { logger, level } of levelChanges(shortestBack(before, after), known)) {
        for (const name of logger === undefined ? Object.keys(now) : [logger]) now[name] = level;
      }
      expect(now).toEqual(before);
    }
  });
});
