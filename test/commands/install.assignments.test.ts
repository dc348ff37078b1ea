import { describe, expect, it } from 'vitest';
import { chartsFor, fileFor, setFor } from '../../src/commands/install.assignments.ts';

const COMPONENTS = ['base', 'istiod', 'cni'];

describe('what a flag is meant for', () => {
  it('is every component without a name before it', () => {
    for (const value of ['a=b', 'a=http://x', 'global.proxy=a:b', 'a\\:b=1', '"x:y"=1']) {
      expect(setFor('--set', value, COMPONENTS)).toEqual({ component: undefined, text: value });
    }
  });

  it('is the component that is named', () => {
    expect(setFor('--set', 'istiod:a=b:c', COMPONENTS)).toEqual({ component: 'istiod', text: 'a=b:c' });
    expect(fileFor('istiod=values=1.yaml', COMPONENTS)).toEqual({ component: 'istiod', text: 'values=1.yaml' });
    expect(fileFor('values=1.yaml', COMPONENTS)).toEqual({ component: undefined, text: 'values=1.yaml' });
    expect(chartsFor(['base=charts/base', 'cni=a=b.tgz'], COMPONENTS)).toEqual({ base: 'charts/base', cni: 'a=b.tgz' });
  });

  it('is an error with a suggestion when the mesh has no such component', () => {
    expect(() => setFor('--set', 'istio:a=b', COMPONENTS)).toThrow('"--set istio:a=b" names the component "istio"');
    expect(() => chartsFor(['bas=charts'], COMPONENTS)).toThrow(expect.objectContaining({ hint: expect.stringContaining('"base"') }));
    expect(() => chartsFor(['charts/base'], COMPONENTS)).toThrow(
      expect.objectContaining({ hint: 'Write --chart COMPONENT=charts/base; the components are base, istiod, cni.' }),
    );
  });
});
