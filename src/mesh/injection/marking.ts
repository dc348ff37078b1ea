/** Injection into meshes whose proxies only their own injector can make: workloads are marked for it, and nothing more. */
import { MeshctlError } from '../../errors.ts';
import { stringMapAt } from '../../model/body.ts';
import type { Inject, InjectFlag, InjectOutcome, InjectParameters, InjectReason, InjectRequest } from '../../model/inject.ts';
import type { Body } from '../../model/resource.ts';
import { type Marks, type Place, withMarks } from './marks.ts';
import { became, comesBack, failed, isNamespace, isWorkload, skipped, unsuited } from './outcome.ts';
import { type Traces, uninjected, withoutContainers, withoutMetadata } from './traces.ts';

/** What the cluster and the user say beyond the object itself. */
interface Surroundings {
  /** Why a workload is not marked; undefined when it is. */
  refuse(request: InjectRequest): InjectOutcome | undefined;
  /** Worth knowing of one that is. */
  notices(request: InjectRequest): readonly InjectReason[];
  /** Annotations besides the mark. */
  readonly annotations: Readonly<Record<string, string>>;
}

interface NamespaceMarks {
  readonly labels?: Marks;
  readonly annotations?: Marks;
}

export interface Marking {
  readonly title: string;
  /** Why nobody but the mesh's injector can add the proxy, as a sentence. */
  readonly whyNotManual: string;
  readonly flags: readonly InjectFlag[];
  /** On pods, by which one of them is opted in, and out. */
  readonly mark: { readonly key: string; readonly value: string; readonly off: string; read(value: string): boolean | undefined };
  /** Undefined for a Namespace that does not speak of injection. */
  readHome(home: NonNullable<InjectRequest['home']>): boolean | undefined;
  look(parameters: InjectParameters): Promise<Surroundings>;
  /** Undefined for a mesh that no Namespace can be opted in to. */
  namespaceMarks?(settings: InjectParameters['settings']): NamespaceMarks;
  traces(request: InjectRequest): Traces;
  /** What the injector kept of the object as it was before. */
  restore?(request: InjectRequest): Body | undefined;
}

export function markingInject(marking: Marking): Inject {
  return {
    flags: marking.flags,
    ...(marking.namespaceMarks && { alsoConcerns: ['core/Namespace'] as const }),
    open: async (parameters) => {
      if (parameters.manual) {
        throw new MeshctlError('E_INJECT', `The proxy of ${marking.title} cannot be added manually. ${marking.whyNotManual}`, {
          hint: 'Leave out --manual to mark the workloads for the injector, or pass --server to see what it makes of them.',
        });
      }
      const surroundings = await marking.look(parameters);
      const marks = marking.namespaceMarks?.(parameters.settings);
      return {
        inject: (request) => (marks && isNamespace(request) ? markedNamespace(request, marks) : marked(request, marking, surroundings)),
      };
    },
    uninject: (request) => uninject(request, marking),
    ...(marking.namespaceMarks && { namespaceMarks: () => marking.namespaceMarks?.({}) ?? {} }),
  };
}

function markedNamespace(request: InjectRequest, marks: NamespaceMarks): InjectOutcome {
  const places: readonly Place[] = ['labels', 'annotations'];
  const after = places.reduce((object, place) => withMarks(object, [], place, marks[place] ?? {}), request.object);
  return became('annotated', request, after, []);
}

function marked(request: InjectRequest, { mark }: Marking, surroundings: Surroundings): InjectOutcome {
  const unfit = unsuited(request);
  if (unfit) return unfit;
  const own = annotationsOf(request)[mark.key];
  const wish = own === undefined ? undefined : mark.read(own);
  if (own !== undefined && wish === undefined)
    return failed('invalid-annotation', `The value "${own}" of annotation "${mark.key}" is neither "${mark.value}" nor "${mark.off}".`);
  if (wish === false) return skipped('disabled-by-annotation', `Its annotation "${mark.key}" says "${own}".`);
  const refusal = surroundings.refuse(request);
  if (refusal) return refusal;
  const after = withMarks(request.object, request.template, 'annotations', {
    // Another spelling of yes is as good.
    ...(wish !== true && { [mark.key]: mark.value }),
    ...surroundings.annotations,
  });
  return became('annotated', request, after, surroundings.notices(request));
}

function uninject(request: InjectRequest, { mark, readHome, traces, restore, namespaceMarks }: Marking): InjectOutcome {
  // What other objects say of the mesh has nothing to do with injection.
  if (!isWorkload(request) && !(namespaceMarks && isNamespace(request))) return uninjected(request, request.object, []);
  const { template, home } = request;
  const found = traces(request);
  const isRefusal = (key: string, value: string): boolean => key === mark.key && mark.read(value) === false;
  const bare = withoutMetadata(withoutContainers(restore?.(request) ?? request.object, template, found), template, {
    isLabel: (key, value) => found.isLabel(key, value),
    isAnnotation: (key, value) => found.isAnnotation(key, value) && !isRefusal(key, value),
  });
  const own = annotationsOf(request)[mark.key];
  const returns = isWorkload(request) && home !== undefined && readHome(home) === true && (own === undefined || mark.read(own) !== false);
  return uninjected(request, bare, comesBack(request, returns, `Set annotation "${mark.key}: ${mark.off}" to keep it out.`));
}

const annotationsOf = ({ object, template }: InjectRequest): Readonly<Record<string, string>> =>
  stringMapAt(object, ...template, 'metadata', 'annotations');
