/** The parts of a parsed template, and how messages quote them. */

interface Part {
  /** Offset in the text of the source. */
  readonly at: number;
}

export interface Pipe extends Part {
  readonly is: 'pipe';
  /** Variables that it declares or assigns, with their `$`. */
  readonly names: readonly string[];
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

export interface Command extends Part {
  readonly is: 'command';
  readonly args: readonly Operand[];
}

export type Operand =
  | Pipe
  | (Part & { readonly is: 'field'; readonly names: readonly string[] })
  | (Part & { readonly is: 'chain'; readonly of: Operand; readonly names: readonly string[] })
  | (Part & { readonly is: 'variable'; readonly name: string; readonly names: readonly string[] })
  | (Part & { readonly is: 'function'; readonly name: string })
  | (Part & { readonly is: 'dot' | 'nil' })
  | (Part & { readonly is: 'bool'; readonly value: boolean })
  | (Part & { readonly is: 'string'; readonly value: string; readonly source: string })
  | NumberOperand;

export interface NumberOperand extends Part {
  readonly is: 'number';
  readonly source: string;
  /** Where the text is an integer, or a float of an integer's value. */
  readonly int?: bigint | undefined;
  readonly float: number;
  /** The text is written as a float. */
  readonly isFloat: boolean;
}

export type Statement =
  | (Part & { readonly is: 'text'; readonly text: string })
  | (Part & { readonly is: 'action'; readonly pipe: Pipe })
  | (Part & { readonly is: 'if' | 'with' | 'range'; readonly pipe: Pipe; readonly body: List; readonly otherwise: List | undefined })
  | (Part & { readonly is: 'template'; readonly name: string; readonly pipe: Pipe | undefined })
  | (Part & { readonly is: 'break' | 'continue' });

export type List = readonly Statement[];

/** A named template and the text that it stands in. */
export interface Definition {
  readonly name: string;
  /** Name of the source, as positions name it. */
  readonly source: string;
  readonly text: string;
  readonly body: List;
}

/** The expression as Go's messages write it. */
export function expressionOf(node: Operand | Command | Statement): string {
  switch (node.is) {
    case 'pipe': {
      const names = node.names.length > 0 ? `${node.names.join(', ')} ${node.assigns ? '=' : ':='} ` : '';
      return `${names}${node.commands.map(expressionOf).join(' | ')}`;
    }
    case 'command':
      return node.args.map((arg) => (arg.is === 'pipe' ? `(${expressionOf(arg)})` : expressionOf(arg))).join(' ');
    case 'field':
      return node.names.map((name) => `.${name}`).join('');
    case 'chain':
      return `${node.of.is === 'pipe' ? `(${expressionOf(node.of)})` : expressionOf(node.of)}${node.names.map((name) => `.${name}`).join('')}`;
    case 'variable':
      return [node.name, ...node.names].join('.');
    case 'function':
      return node.name;
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'string':
    case 'number':
      return node.source;
    case 'text':
      return JSON.stringify(node.text);
    case 'action':
      return `{{${expressionOf(node.pipe)}}}`;
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipe ? ` ${expressionOf(node.pipe)}` : ''}}}`;
    case 'break':
    case 'continue':
      return `{{${node.is}}}`;
    default:
      return `{{${node.is} ${expressionOf(node.pipe)}}}`;
  }
}

/** Both from 1, as editors count. */
export function lineAndColumn(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}
