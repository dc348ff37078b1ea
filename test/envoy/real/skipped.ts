/** Says loudly that there is no Envoy to run the tests with. */
import { findEnvoy } from '../envoy.ts';

export default function setup(): void {
  if (findEnvoy()) return;
  const named = process.env['MESHCTL_ENVOY'];
  const why = named ? `MESHCTL_ENVOY is "${named}", which is no program` : 'there is no "envoy" on the PATH, and MESHCTL_ENVOY names none';
  process.stderr.write(`NOT RUN: the tests against a real Envoy, for ${why}.\n`);
}
