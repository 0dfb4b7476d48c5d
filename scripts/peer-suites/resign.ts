import { decodeBase64url } from './library.js';
import { es256Signature, segmentOf } from './signer.js';

/** The text of a segment, or undefined if it is not strict base64url of UTF-8. */
function textOf(segment: string): string | undefined {
  try {
    const bytes = decodeBase64url(segment, 'segment', 'ERR_MANDATE_MALFORMED');
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ALG = /("alg"\s*:\s*)"[^"\\]*"/;

/** Whether a token is signed with ES256, as far as its header can be read. */
export const isEs256 = (token: string): boolean =>
  (parsed(textOf(token.split('.')[0] ?? '')) as { alg?: unknown } | undefined)?.alg === 'ES256';

/**
 * Turns a token of another algorithm into an ES256 token. The subject of the peer's test is kept: an unreadable header, header
 * parameters as written, a signature that is not strict base64url, the number of segments. The changes are the value of `alg`,
 * a payload that is not a JSON object (JWS allows any, a mandate only an object), and the signature.
 */
export function resigned(token: string): string {
  const [header = '', payload, signature, ...others] = token.split('.');
  if (payload === undefined || signature === undefined) return token;
  const headerText = textOf(header);
  const newHeader =
    headerText !== undefined && isObject(parsed(headerText))
      ? segmentOf(headerText.replace(ALG, '$1"ES256"'))
      : header;
  const payloadText = textOf(payload);
  const newPayload = payloadText === undefined || isObject(parsed(payloadText)) ? payload : segmentOf('{}');
  const signingInput = `${newHeader}.${newPayload}`;
  const isReadable = /^[\w-]*$/.test(signature) && signature.length % 4 !== 1;
  return [signingInput, isReadable ? es256Signature(signingInput) : signature, ...others].join('.');
}
