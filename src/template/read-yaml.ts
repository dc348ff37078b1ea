/** YAML as Helm's values and `fromYaml` read it: by way of JSON, so that every number is a float64. */
import { parseYaml } from '../text/yaml.ts';
import { fromPlain, type Value } from './value.ts';

/** @throws YamlProblem */
export const readYaml = (text: string): Value => fromPlain(parseYaml(text));
