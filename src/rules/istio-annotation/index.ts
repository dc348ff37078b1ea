/** Annotations that Istio reads. */
import type { Rule } from '../../model/rule.ts';
import { annotationCurrent } from './annotation-current.ts';
import { annotationKnown } from './annotation-known.ts';
import { annotationOnRightKind } from './annotation-on-right-kind.ts';
import { annotationStable } from './annotation-stable.ts';
import { annotationValueValid } from './annotation-value-valid.ts';

export const rules: readonly Rule[] = [annotationCurrent, annotationKnown, annotationOnRightKind, annotationStable, annotationValueValid];
