/** Kubernetes' formats of names, by the name that expressions call them. */

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const DNS_LABEL = new RegExp(`^${LABEL}$`);
const SUBDOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const LABEL_1035 = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const upTo = (length: number, pattern: RegExp) => (text: string) => text.length <= length && pattern.test(text);

/** A prefix may end in the dash that whatever is appended needs. */
const asPrefix = (accepts: (text: string) => boolean) => (text: string) => accepts(text.endsWith('-') ? `${text}a` : text);

const qualifiedName = (text: string): boolean => {
  const [prefix, name, ...more] = text.includes('/') ? text.split('/') : [undefined, text];
  return more.length === 0 && (prefix === undefined || upTo(253, SUBDOMAIN)(prefix)) && upTo(63, QUALIFIED)(name ?? '');
};

export const NAMED_FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  dns1123Label: upTo(63, DNS_LABEL),
  dns1123LabelPrefix: asPrefix(upTo(63, DNS_LABEL)),
  dns1123Subdomain: upTo(253, SUBDOMAIN),
  dns1123SubdomainPrefix: asPrefix(upTo(253, SUBDOMAIN)),
  dns1035Label: upTo(63, LABEL_1035),
  dns1035LabelPrefix: asPrefix(upTo(63, LABEL_1035)),
  qualifiedName,
  labelValue: (text) => text === '' || upTo(63, QUALIFIED)(text),
  uuid: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
};
