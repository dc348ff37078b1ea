import { writeYaml } from '../text/yaml-write.ts';
import { documentOf } from './document.ts';
import type { Reporter } from './report.ts';

export const yaml: Reporter = (report) => writeYaml(documentOf(report));
