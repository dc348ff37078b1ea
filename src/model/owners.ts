/** Who made an object, as its controller notes on it. */
import { itemsAt, stringAt } from './body.ts';
import { type Kind, kindOf, type Resource } from './resource.ts';

export interface Owner {
  readonly kind: Kind;
  /** Owners are of the object's own namespace. */
  readonly name: string;
  /** False for one that the object only goes down with. */
  readonly controls: boolean;
}

export function ownersOf({ body }: Resource): readonly Owner[] {
  return itemsAt(body, 'metadata', 'ownerReferences').map(({ item }) => ({
    kind: kindOf(stringAt(item, 'apiVersion') ?? '', stringAt(item, 'kind') ?? ''),
    name: stringAt(item, 'name') ?? '',
    controls: item['controller'] === true,
  }));
}
