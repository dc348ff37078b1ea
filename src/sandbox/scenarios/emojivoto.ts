import { emojivotoMesh } from './_emojivoto.ts';
import type { Scenario } from './_scenario.ts';

export const emojivoto: Scenario = {
  name: 'emojivoto',
  summary: 'a healthy Linkerd mesh with viz and the emojivoto application, whose voting for the doughnut fails as ever',
  options: () => emojivotoMesh(),
};
