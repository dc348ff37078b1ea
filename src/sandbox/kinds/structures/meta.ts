/** Types that kinds of many groups share. The notation is that of `notation.ts`. */
export const META = `
ObjectMeta: annotations {string}, creationTimestamp time, deletionGracePeriodSeconds int64, deletionTimestamp time, finalizers [string],
  generateName string, generation int64, labels {string}, managedFields [ManagedFieldsEntry], name string, namespace string,
  ownerReferences [OwnerReference], resourceVersion string, selfLink string, uid string
ManagedFieldsEntry: apiVersion string, fieldsType string, fieldsV1 any, manager string, operation string, subresource string, time time
OwnerReference: apiVersion! string, blockOwnerDeletion bool, controller bool, kind! string, name! string, uid! string
LabelSelector: matchExpressions [LabelSelectorRequirement], matchLabels {string}
LabelSelectorRequirement: key! string, operator! string, values [string]
Condition: lastTransitionTime! time, message! string, observedGeneration int64, reason! string, status! string, type! string
LocalObjectReference: name string
ObjectReference: apiVersion string, fieldPath string, kind string, name string, namespace string, resourceVersion string, uid string
TypedLocalObjectReference: apiGroup string, kind! string, name! string
`;
