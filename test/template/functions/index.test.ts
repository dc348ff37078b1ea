/** Every function that Helm 4 gives to templates is there. */
import { describe, expect, it } from 'vitest';
import { failureOf, rendered } from '../charts.ts';

const GO = `
  and call html index slice js len not or print printf println urlquery eq ge gt le lt ne
`;

const SPRIG = `
  abbrev abbrevboth add add1 add1f addf adler32sum ago all any append atoi b32dec b32enc b64dec b64enc base bcrypt
  biggest buildCustomCert camelcase cat ceil chunk clean coalesce compact concat contains date dateInZone dateModify
  date_in_zone date_modify decryptAES deepCopy deepEqual default derivePassword dict dig dir div divf duration
  durationRound empty encryptAES ext fail first float64 floor fromJson genCA genCAWithKey genPrivateKey
  genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey get getHostByName has hasKey
  hasPrefix hasSuffix hello htmlDate htmlDateInZone htpasswd indent initial initials int int64 isAbs join kebabcase
  keys kindIs kindOf last list lower max maxf merge mergeOverwrite min minf mod mul mulf mustAppend mustChunk
  mustCompact mustDateModify mustDeepCopy mustFirst mustFromJson mustHas mustInitial mustLast mustMerge
  mustMergeOverwrite mustPrepend mustRegexFind mustRegexFindAll mustRegexMatch mustRegexReplaceAll
  mustRegexReplaceAllLiteral mustRegexSplit mustRest mustReverse mustSlice mustToDate mustToJson mustToPrettyJson
  mustToRawJson mustUniq mustWithout must_date_modify nindent nospace now omit osBase osClean osDir osExt osIsAbs
  pick pluck plural prepend quote randAlpha randAlphaNum randAscii randBytes randInt randNumeric regexFind
  regexFindAll regexMatch regexQuoteMeta regexReplaceAll regexReplaceAllLiteral regexSplit repeat replace rest
  reverse round semver semverCompare seq set sha1sum sha256sum sha512sum shuffle slice snakecase sortAlpha split
  splitList splitn squote sub subf substr swapcase ternary title toDate toDecimal toJson toPrettyJson toRawJson
  toString toStrings trim trimAll trimPrefix trimSuffix trimall trunc tuple typeIs typeIsLike typeOf uniq unixEpoch
  unset until untilStep untitle upper urlJoin urlParse uuidv4 values without wrap wrapWith
`;

const HELM = `
  toToml mustToToml fromToml toYaml mustToYaml toYamlPretty fromYaml fromYamlArray toJson mustToJson fromJson
  fromJsonArray mustToDuration durationSeconds durationMilliseconds durationMicroseconds durationNanoseconds
  durationMinutes durationHours durationDays durationWeeks durationRoundTo durationTruncateTo include tpl required
  lookup fail
`;

const namesIn = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Unknown functions fail before anything is executed. */
const isKnown = (name: string): boolean => rendered(`{{ define "x" }}{{ ${name} }}{{ end }}known`) === 'known';

describe('the functions', () => {
  it.each([
    ['Go', GO],
    ['sprig', SPRIG],
    ['Helm', HELM],
  ])('of %s all exist', (_, names) => expect(namesIn(names).filter((name) => !isKnown(name))).toEqual([]));

  it('that reach the environment do not', () => {
    for (const name of ['env', 'expandenv']) expect(failureOf(() => isKnown(name)).message).toContain(`function "${name}" not defined`);
  });
});
