/** Keys that nobody but their owner may see: in PEM, and as JSON Web Keys. */
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Parts of a JSON Web Key that are not public. @see https://www.rfc-editor.org/rfc/rfc7518#section-6 */
const PRIVATE_PART = /"(?:d|p|q|dp|dq|qi|k)\\?"\s*:\s*\\?"/;
const KEY_SET = /"(?:kty|keys)\\?"\s*:/;

/** Whether a text, such as a line of a manifest, shows a private or shared key. */
export const holdsPrivateKey = (text: string): boolean => PEM.test(text) || (PRIVATE_PART.test(text) && KEY_SET.test(text));
