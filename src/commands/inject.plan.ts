/** Flags of `inject` and `uninject` → what is read, and where the answers go. */
import { MeshctlError } from '../errors.ts';
import { type Options, textOf } from './define.ts';
import { namedInputs } from './named-inputs.ts';

export interface StreamPlan {
  readonly inputs: readonly string[];
  /** Namespace of objects that name none. */
  readonly namespace: string | undefined;
  readonly diff: boolean;
  readonly onError: 'fail' | 'skip';
  readonly report: ReportTarget;
}

interface ReportTarget {
  readonly format: (typeof FORMATS)[number];
  /** Undefined: standard error. */
  readonly file: string | undefined;
}

const FORMATS = ['text', 'json', 'yaml'] as const;

/** @throws MeshctlError E_USAGE */
export function streamPlan(args: readonly string[], options: Options): StreamPlan {
  const inputs = namedInputs(args, options);
  if (inputs.some((input) => input.trim() === '')) {
    throw new MeshctlError('E_USAGE', 'The name of an input is empty.', { hint: 'For the working directory write ".".' });
  }
  return {
    inputs,
    namespace: textOf(options, 'namespace'),
    diff: options['diff'] === true,
    onError: textOf(options, 'onError') === 'skip' ? 'skip' : 'fail',
    report: reportTarget(textOf(options, 'report') ?? 'text'),
  };
}

function reportTarget(value: string): ReportTarget {
  const equals = value.indexOf('=');
  const name = equals < 0 ? value : value.slice(0, equals);
  const format = FORMATS.find((each) => each === name);
  if (format === undefined) {
    throw new MeshctlError('E_USAGE', `There is no report format "${name}".`, { hint: `The formats are ${FORMATS.join(', ')}.` });
  }
  if (equals === value.length - 1)
    throw new MeshctlError('E_USAGE', `"${value}" names no file.`, { hint: `Write --report ${format}=FILE.` });
  return { format, file: equals < 0 ? undefined : value.slice(equals + 1) };
}
