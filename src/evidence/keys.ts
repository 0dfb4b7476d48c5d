import { isJsonObject, type JsonValue } from '../encoding/json.js';
import { parseJson } from '../encoding/parse-json.js';
import { jwkThumbprint } from '../keys/thumbprint.js';
import type { Es256PublicJwk, MandatePublicKeys, MlDsa65PublicJwk } from '../keys/types.js';
import { checkDate, checkOptions, invalidArgument } from '../options.js';
import type { EvidenceKeys } from './contents.js';
import type { KeysPart } from './parts.js';
import type { Lines } from './report.js';

/**
 * Converts keys to a part of a file. `name` is the option that they were given in. A document without the keys is rejected, as
 * every reader of the file would reject it.
 */
export function keysToPart(keys: EvidenceKeys, name: string): KeysPart {
  const { es256, mldsa65, source, fetchedAt, document } = checkOptions(keys, name);
  if (typeof source !== 'string') invalidArgument(`${name}.source`, 'a string: where the keys came from');
  const thumbprints = {
    ...(es256 !== undefined && { es256: jwkThumbprint(es256) }),
    ...(mldsa65 !== undefined && { mldsa65: jwkThumbprint(mldsa65) }),
  };
  if (document !== undefined) checkDocument(document, Object.values(thumbprints), `${name}.document`);
  return {
    ...(es256 !== undefined && { es256: es256 as unknown as KeysPart['es256'] }),
    ...(mldsa65 !== undefined && { mldsa65: mldsa65 as unknown as KeysPart['mldsa65'] }),
    thumbprints,
    source,
    fetchedAt: new Date(checkDate(fetchedAt, `${name}.fetchedAt`)).toISOString(),
    ...(document !== undefined && { document }),
  } as KeysPart;
}

function checkDocument(document: unknown, thumbprints: readonly string[], path: string): void {
  if (typeof document === 'string') {
    const found = thumbprintsIn(document);
    if (thumbprints.every((thumbprint) => found.has(thumbprint))) return;
  }
  invalidArgument(
    path,
    'the JSON text that the keys were fetched in: a JWK Set or DID document that has them',
  );
}

/** Converts keys to the form that verification takes. */
export const publicKeysOf = ({ es256, mldsa65 }: KeysPart): MandatePublicKeys => ({
  ...(es256 !== undefined && { es256: es256 as unknown as Es256PublicJwk }),
  ...(mldsa65 !== undefined && { mldsa65: mldsa65 as unknown as MlDsa65PublicJwk }),
});

/**
 * Reports what the file proves about keys: that they have the stated thumbprints, and that the document contains them. Whether
 * the document belongs to the party is known only to the creator who fetched it, or to a reader who has the thumbprints from
 * another source.
 */
export function reportKeys(
  part: string,
  keys: KeysPart,
  whose: string,
  trusted: readonly string[] | undefined,
  creator: string,
  lines: Lines,
): void {
  const thumbprints: string[] = [];
  for (const name of ['es256', 'mldsa65'] as const) {
    const jwk = keys[name];
    const stated = keys.thumbprints[name];
    if (jwk === undefined && stated === undefined) continue;
    const found = jwk === undefined ? undefined : thumbprintOf(jwk);
    if (found === undefined || found !== stated) {
      lines.failed(part, `the stated thumbprint of the ${name} key of ${whose} matches the key`);
      continue;
    }
    thumbprints.push(found);
  }
  if (keys.document !== undefined) {
    const inDocument = thumbprintsIn(keys.document);
    const statement = `the keys of ${whose} are in the document fetched from ${keys.source} at ${keys.fetchedAt}`;
    if (thumbprints.every((thumbprint) => inDocument.has(thumbprint)))
      lines.proven(part, statement, 'RFC 7638 thumbprints');
    else lines.failed(part, statement);
  }
  const statement = `the keys ${thumbprints.join(' and ')} belong to ${whose}`;
  if (trusted === undefined)
    lines.trusted(part, statement, `${creator}, who fetched them from ${keys.source}`);
  else if (thumbprints.length > 0 && thumbprints.every((thumbprint) => trusted.includes(thumbprint)))
    lines.proven(part, statement, 'the thumbprints that you trust');
  else lines.failed(part, `${statement}, which your list of trusted thumbprints does not have`);
}

function thumbprintOf(jwk: unknown): string | undefined {
  try {
    return jwkThumbprint(jwk as Es256PublicJwk);
  } catch {
    return undefined;
  }
}

/** The thumbprints of all JWKs in a document, in `keys` or in a `publicKeyJwk`. */
function thumbprintsIn(document: string): ReadonlySet<string> {
  const found = new Set<string>();
  const search = (value: JsonValue): void => {
    if (Array.isArray(value)) value.forEach(search);
    if (!isJsonObject(value)) return;
    const thumbprint = Object.hasOwn(value, 'kty') ? thumbprintOf(value) : undefined;
    if (thumbprint !== undefined) found.add(thumbprint);
    Object.values(value).forEach(search);
  };
  try {
    search(parseJson(new TextEncoder().encode(document), 'document', 'ERR_EVIDENCE_MALFORMED', 32).value);
  } catch {
    return found;
  }
  return found;
}
