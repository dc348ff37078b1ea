import { documentOf } from './document.ts';
import type { Reporter } from './report.ts';

export const json: Reporter = (report) => `${JSON.stringify(documentOf(report), null, 2)}\n`;
