/** What goes wrong while a template is executed, and where: from the innermost place outwards. */
import { MeshctlError } from '../errors.ts';
import { type Command, type Definition, expressionOf, lineAndColumn, type Operand, type Statement } from './nodes.ts';

export interface Place {
  readonly source: string;
  readonly line: number;
  readonly column: number;
  /** Name of the template that was executed. */
  readonly template: string;
  readonly expression: string;
}

/** More places than this tell nothing new, as in an endless recursion. */
const MOST_PLACES = 6;

export class TemplateError extends MeshctlError {
  /** Without the place. */
  readonly reason: string;
  readonly places: readonly Place[];

  constructor(reason: string, places: readonly Place[], cause?: unknown) {
    const [first, ...outer] = places;
    const at = first ? `${first.source}:${first.line}:${first.column}: at <${first.expression}>: ` : '';
    const shown = outer.slice(0, MOST_PLACES).map((place) => `${place.source}:${place.line}:${place.column} <${place.expression}>`);
    const more = outer.length > MOST_PLACES ? ` and ${outer.length - MOST_PLACES} more` : '';
    super('E_TEMPLATE', `${at}${reason}`, {
      ...(cause === undefined ? {} : { cause }),
      ...(shown.length > 0 ? { hint: `Called from ${shown.join(', from ')}${more}.` } : {}),
    });
    this.reason = reason;
    this.places = places;
  }
}

/** A function of a template refuses its arguments, or the template asked for the failure. */
export class CallError extends Error {}

export function placeOf(definition: Definition, node: Operand | Command | Statement): Place {
  return {
    source: definition.source,
    ...lineAndColumn(definition.text, node.at),
    template: definition.name,
    expression: expressionOf(node),
  };
}
