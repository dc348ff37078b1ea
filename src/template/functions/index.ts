import { builtins } from '../builtins.ts';
import type { Func } from '../value.ts';
import { dateFunctions } from './dates.ts';
import { documentFunctions } from './documents.ts';
import { durationFunctions } from './durations.ts';
import { encodingFunctions } from './encoding.ts';
import { listFunctions } from './lists.ts';
import { mapFunctions } from './maps.ts';
import { numberFunctions } from './numbers.ts';
import { pathFunctions } from './paths.ts';
import { regexFunctions } from './regex.ts';
import { secretFunctions } from './secrets.ts';
import { stringFunctions } from './strings.ts';
import { urlFunctions } from './urls.ts';
import { versionFunctions } from './versions.ts';

/** What Helm gives to templates, but for what depends on the chart and the cluster. sprig's `slice` takes the place of Go's. */
export const functions: ReadonlyMap<string, Func> = new Map([
  ...builtins,
  ...Object.entries({
    ...stringFunctions,
    ...numberFunctions,
    ...listFunctions,
    ...mapFunctions,
    ...encodingFunctions,
    ...pathFunctions,
    ...documentFunctions,
    ...regexFunctions,
    ...versionFunctions,
    ...dateFunctions,
    ...durationFunctions,
    ...urlFunctions,
    ...secretFunctions,
  }),
]);
