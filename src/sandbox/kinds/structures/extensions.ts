/** What extends the API server: webhooks and policies, definitions, aggregated APIs. The notation is that of `notation.ts`. */
export const EXTENSIONS = `
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration: webhooks [MutatingWebhook]
MutatingWebhook: admissionReviewVersions! [string], clientConfig! WebhookClientConfig, failurePolicy string,
  matchConditions [MatchCondition], matchPolicy string, name! string, namespaceSelector LabelSelector, objectSelector LabelSelector,
  reinvocationPolicy string, rules [RuleWithOperations], sideEffects! string, timeoutSeconds int32
WebhookClientConfig: caBundle bytes, service ServiceReference, url string
MatchCondition: expression! string, name! string
RuleWithOperations: apiGroups [string], apiVersions [string], operations [string], resources [string], scope string
ServiceReference: name! string, namespace! string, path string, port int32
admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration: webhooks [ValidatingWebhook]
ValidatingWebhook: admissionReviewVersions! [string], clientConfig! WebhookClientConfig, failurePolicy string,
  matchConditions [MatchCondition], matchPolicy string, name! string, namespaceSelector LabelSelector, objectSelector LabelSelector,
  rules [RuleWithOperations], sideEffects! string, timeoutSeconds int32
admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy: spec ValidatingAdmissionPolicySpec, status ValidatingAdmissionPolicyStatus
ValidatingAdmissionPolicySpec: auditAnnotations [AuditAnnotation], failurePolicy string, matchConditions [MatchCondition],
  matchConstraints MatchResources, paramKind ParamKind, validations [Validation], variables [Variable]
ValidatingAdmissionPolicyStatus: conditions [Condition], observedGeneration int64, typeChecking TypeChecking
AuditAnnotation: key! string, valueExpression! string
MatchResources: excludeResourceRules [NamedRuleWithOperations], matchPolicy string, namespaceSelector LabelSelector,
  objectSelector LabelSelector, resourceRules [NamedRuleWithOperations]
ParamKind: apiVersion string, kind string
Validation: expression! string, message string, messageExpression string, reason string
Variable: expression! string, name! string
TypeChecking: expressionWarnings [ExpressionWarning]
NamedRuleWithOperations: apiGroups [string], apiVersions [string], operations [string], resourceNames [string], resources [string],
  scope string
ExpressionWarning: fieldRef! string, warning! string
admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding: spec ValidatingAdmissionPolicyBindingSpec
ValidatingAdmissionPolicyBindingSpec: matchResources MatchResources, paramRef ParamRef, policyName string, validationActions [string]
ParamRef: name string, namespace string, parameterNotFoundAction string, selector LabelSelector
apiextensions.k8s.io/v1 CustomResourceDefinition: spec! CustomResourceDefinitionSpec, status CustomResourceDefinitionStatus
CustomResourceDefinitionSpec: conversion CustomResourceConversion, group! string, names! CustomResourceDefinitionNames,
  preserveUnknownFields bool, scope! string, versions! [CustomResourceDefinitionVersion]
CustomResourceDefinitionStatus: acceptedNames CustomResourceDefinitionNames, conditions [CustomResourceDefinitionCondition],
  storedVersions [string]
CustomResourceConversion: strategy! string, webhook WebhookConversion
CustomResourceDefinitionNames: categories [string], kind! string, listKind string, plural! string, shortNames [string], singular string
CustomResourceDefinitionVersion: additionalPrinterColumns [CustomResourceColumnDefinition], deprecated bool, deprecationWarning string,
  name! string, schema CustomResourceValidation, selectableFields [SelectableField], served! bool, storage! bool,
  subresources CustomResourceSubresources
CustomResourceDefinitionCondition: lastTransitionTime time, message string, reason string, status! string, type! string
WebhookConversion: clientConfig ApiextensionsWebhookClientConfig, conversionReviewVersions! [string]
CustomResourceColumnDefinition: description string, format string, jsonPath! string, name! string, priority int32, type! string
CustomResourceValidation: openAPIV3Schema any
SelectableField: jsonPath! string
CustomResourceSubresources: scale CustomResourceSubresourceScale, status any
ApiextensionsWebhookClientConfig: caBundle bytes, service ServiceReference, url string
CustomResourceSubresourceScale: labelSelectorPath string, specReplicasPath! string, statusReplicasPath! string
apiregistration.k8s.io/v1 APIService: spec APIServiceSpec, status APIServiceStatus
APIServiceSpec: caBundle bytes, group string, groupPriorityMinimum! int32, insecureSkipTLSVerify bool,
  service ApiregistrationServiceReference, version string, versionPriority! int32
APIServiceStatus: conditions [APIServiceCondition]
ApiregistrationServiceReference: name string, namespace string, port int32
APIServiceCondition: lastTransitionTime time, message string, reason string, status! string, type! string
`;
