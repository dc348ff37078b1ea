/** Evaluates the expressions of definitions, in the Common Expression Language. Slow to load: only imported when there is something to evaluate. */
import { type CelInput, celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { getOrInsert } from '../model/maps.ts';
import type { FieldPath } from '../model/resource.ts';
import { kubernetesFunctions } from './cel-functions.ts';
import { celValue } from './cel-values.ts';
import type { Due, Found } from './found.ts';
import type { Patterns } from './patterns.ts';
import type { ProxyExpression } from './proxy-expressions.ts';
import type { CelRule } from './schema.ts';
import { fieldNamed, isDurationRule, unitMissing, valueText } from './wording.ts';

export interface Evaluator {
  /** @param isComplete false when required fields are absent, so that an expression may fail for the lack of them */
  judge(due: Due, { isComplete }: { readonly isComplete: boolean }): readonly Found[];
  /** What keeps a text from being an expression. */
  unreadable(expression: ProxyExpression): readonly Found[];
}

/** The answer of an expression; undefined when there is none, because the expression asks for what is not known here. */
type Answer = (self: CelInput) => { readonly value: unknown } | { readonly error: string } | undefined;

/** @param patterns answers what expressions ask of texts */
export function evaluator(patterns: Patterns): Evaluator {
  const env = celEnv({
    funcs: [...strings, ...kubernetesFunctions],
    re2: { compile: (pattern) => ({ test: (text) => patterns.matches(pattern, text) }) },
  });
  const planned = new Map<string, Answer>();
  const answerOf = (expression: string): Answer => getOrInsert(planned, expression, () => answerer(env, expression));
  /** Durations, ports and the like are the same again and again. */
  const verdicts = new Map<string, string | undefined>();
  return {
    unreadable,
    judge({ rules, schema, value, path }, { isComplete }) {
      const self = celValue(schema, value) as CelInput;
      return rules.flatMap((rule) => {
        // Speaks of a change, and there is no object before this one.
        if (/\boldSelf\b/.test(rule.rule)) return [];
        const judged = (): string | undefined => brokenBecause(rule, self, isComplete, answerOf);
        const reason = typeof value === 'string' ? getOrInsert(verdicts, `${rule.rule}\n${rule.message}\n${value}`, judged) : judged();
        return reason === undefined ? [] : [foundFor(rule, reason, value, path)];
      });
    },
  };
}

function unreadable({ text, path }: ProxyExpression): readonly Found[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    const [, line = '1', column = '1'] = /:(\d+):(\d+): /.exec((error as Error).message) ?? [];
    const rest = (text.split('\n')[Number(line) - 1] ?? '').slice(Number(column) - 1);
    const where = rest === '' ? 'it ends too early' : `it cannot be read from ${valueText(rest)} on`;
    return [{ is: 'rule', path, message: `${fieldNamed(path)} is no expression of CEL: ${where}.`, fix: HOW_TO_WRITE }];
  }
}

const HOW_TO_WRITE = 'Write it like "response.code >= 400 && request.url_path.startsWith(\'/api\')".';

function answerer(env: ReturnType<typeof celEnv>, expression: string): Answer {
  let evaluate: ReturnType<typeof plan>;
  try {
    evaluate = plan(env, parse(expression));
  } catch {
    return () => undefined;
  }
  return (self) => {
    const result = evaluate({ self });
    if (!isCelError(result)) return { value: result };
    // The API server checked the expression when it took the definition, so that it knows what is unknown here.
    return /overload|unbound|undeclared|unsupported|type mismatch/.test(result.message) ? undefined : { error: result.message };
  };
}

/** @returns why the rule does not hold; undefined when it does. One that cannot be evaluated does not. */
function brokenBecause(rule: CelRule, self: CelInput, isComplete: boolean, answerOf: (expression: string) => Answer): string | undefined {
  const answer = answerOf(rule.rule)(self);
  if (answer === undefined || ('value' in answer ? answer.value !== false : !isComplete)) return undefined;
  const told = rule.messageExpression === undefined ? undefined : answerOf(rule.messageExpression)(self);
  if (told && 'value' in told && typeof told.value === 'string') return told.value;
  return rule.message ?? ('error' in answer ? answer.error : `the rule ${rule.rule} does not hold`);
}

function foundFor(rule: CelRule, reason: string, value: unknown, path: FieldPath): Found {
  const isScalar = typeof value !== 'object' || value === null;
  const what = isScalar ? `is ${valueText(value)}, which is not valid` : 'is not valid';
  return {
    is: 'rule',
    path: [...path, ...relativePath(rule.fieldPath)],
    part: isScalar ? 'value' : 'key',
    message: `${fieldNamed(path)} ${what}: ${reason.trim().replace(/[.\s]+$/, '')}.`,
    fix: isDurationRule(rule) ? unitMissing(value) : undefined,
  };
}

/** `.spec.a` and `['a']` as steps. */
function relativePath(fieldPath = ''): FieldPath {
  return [...fieldPath.matchAll(/\.([\w-]+)|\['([^']*)'\]/g)].map(([, plain, quoted]) => plain ?? quoted ?? '');
}
