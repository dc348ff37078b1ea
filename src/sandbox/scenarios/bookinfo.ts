import { bookinfoMesh } from './_bookinfo.ts';
import type { Scenario } from './_scenario.ts';

export const bookinfo: Scenario = {
  name: 'bookinfo',
  summary: 'a healthy Istio mesh with the bookinfo application, its sidecars, routes and policies',
  options: () => bookinfoMesh(),
};
