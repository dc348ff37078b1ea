/**
 * Header values with Envoy's variables: `%NAME%`, `%NAME(argument)%`, `%NAME(["a", "b"])%`; `%%` is a percent sign.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#custom-request-response-headers
 */

/** Control characters other than the tabulator. */
const FORBIDDEN = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** What is read next: a plain character, or which part of a variable. */
type State = 'plain' | 'name' | 'arguments' | 'element' | 'text' | 'separator' | 'parenthesis' | 'percent';

/** What keeps a text from being the value of a header: `a "%" is not closed`. */
export function headerValueProblem(value: string): string | undefined {
  if (FORBIDDEN.test(value)) return 'it holds a control character';
  let state: State = 'plain';
  for (let index = 0; index < value.length; index++) {
    const character = value[index] ?? '';
    if (state === 'plain' && character === '%' && value[index + 1] === '%') {
      index++;
      continue;
    }
    // What a backslash escapes means nothing here.
    if (state === 'text' && character === '\\') {
      index++;
      if (index >= value.length) return 'it ends in a backslash';
      continue;
    }
    const next = after(state, character);
    if (next === undefined) return `a character other than ${WANTED[state]} follows inside a variable`;
    state = next;
  }
  return state === 'plain' ? undefined : 'a "%" starts a variable that is not closed';
}

const WANTED: Readonly<Partial<Record<State, string>>> = {
  element: 'a double quote',
  separator: 'a comma or "]"',
  parenthesis: '")"',
  percent: '"%"',
};

/** The state behind a character; undefined where it may not stand. */
function after(state: State, character: string): State | undefined {
  const blank = character === ' ';
  switch (state) {
    case 'plain':
      return character === '%' ? 'name' : 'plain';
    case 'name':
      if (character === '%') return 'plain';
      return character === '(' ? 'arguments' : 'name';
    case 'arguments':
      if (character === '[') return 'element';
      return blank ? 'arguments' : 'text';
    case 'element':
      if (character === '"') return 'text';
      return blank ? 'element' : undefined;
    case 'text':
      if (character === ')') return 'percent';
      return character === '"' ? 'separator' : 'text';
    case 'separator':
      if (character === ',') return 'element';
      if (character === ']') return 'parenthesis';
      return blank ? 'separator' : undefined;
    case 'parenthesis':
      if (character === ')') return 'percent';
      return blank ? 'parenthesis' : undefined;
    case 'percent':
      if (character === '%') return 'plain';
      return blank ? 'percent' : undefined;
  }
}
