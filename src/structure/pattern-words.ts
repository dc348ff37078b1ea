/** What the patterns say that definitions repeat most: people read words faster than regular expressions. */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const NAME = `${LABEL}(\\.${LABEL})*`;
const A_NAME = 'a DNS name of lower-case letters, digits, "-" and ".", such as "shop.example.com"';
const A_HEADER = `letters, digits and "!#$%&'*+-.^_\`|~" only, such as "x-user"`;

/** `test/structure` proves that definitions have each of them. */
export const PATTERN_WORDS: Readonly<Record<string, string>> = {
  [`^${LABEL}$`]: 'a name of lower-case letters, digits and "-", such as "shop-1"',
  [`^${NAME}$`]: A_NAME,
  [`^$|^${NAME}$`]: `empty or ${A_NAME}`,
  [`^(\\*\\.)?${NAME}$`]: `${A_NAME} or "*.example.com"`,
  '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$': 'a kind of letters, digits and "-", such as "Service"',
  "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$": A_HEADER,
  "^[a-z0-9!#$%&'*+\\-.^_\\x60|~]+$": A_HEADER.replace('letters', 'lower-case letters'),
  '^[!-~]+([\\t ]?[!-~]+)*$': 'printable ASCII without spaces at either end',
  '^([0-9]{1,5}(h|m|s|ms)){1,4}$': 'a duration of whole numbers and units, such as "1m30s" or "500ms"',
  '^[-_A-Za-z0-9]+$': 'letters, digits, "-" and "_" only',
  '(^$|^[a-f0-9]{64}$)': 'a SHA-256 checksum: 64 digits of 0-9 and a-f',
  '((?:\\d{1,3}\\.){3}\\d{1,3})\\/(\\d{1,2})$': 'a network such as "10.0.0.0/8"',
};

export const patternInWords = (pattern: string): string | undefined =>
  Object.hasOwn(PATTERN_WORDS, pattern) ? PATTERN_WORDS[pattern] : undefined;
