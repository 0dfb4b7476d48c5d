import { decodeBase64url } from '../encoding/base64url.js';
import { parseJson } from '../encoding/parse-json.js';
import { checkNames, checkOptions, invalidArgument } from '../options.js';
import { sha256Base64url } from '../primitives/sha256.js';
import { type EvidenceFile, formatFile, MAX_EVIDENCE_DEPTH, parseFile } from './file.js';
import { documentsOf, jwtsOf, type PresentationPart, REQUIRED_PARTS, readParts } from './parts.js';

/** What {@link redactEvidence} removes; all optional. */
export interface EvidenceRedaction {
  /** Names of parts, such as `receipts.0` or `ledger`; a name without a number means all parts of that kind. */
  parts?: readonly string[] | undefined;
  /** Names of claims in disclosures of the mandate, such as `recipient`. */
  claims?: readonly string[] | undefined;
}

/**
 * Removes parts from an evidence file. The signature over the file remains valid, because it covers digests. The signatures of
 * the first token, and the seal, remain valid too. `verifyEvidence` reports statements whose proof was removed as redacted.
 *
 * @param evidence The text of a file. It is not verified.
 * @returns The text of the redacted file.
 * @throws {MandateError} `ERR_EVIDENCE_MALFORMED`; `ERR_MANDATE_ARGUMENT_INVALID` for a name that the file does not have, and
 * for a part that every file must have: `presentation`, `demands`, `verdict`, `keys`.
 */
export function redactEvidence(evidence: string, redaction: EvidenceRedaction): string {
  const given = checkOptions(redaction, 'redaction');
  checkNames(given, ['parts', 'claims']);
  const file = parseFile(evidence);
  const { presentation } = readParts(file, [...file.parts.keys()]);
  const disclosures = readDisclosures(file);
  const gone = new Set<string>();
  for (const name of strings(given.parts, 'parts')) for (const part of partsOf(file, name)) gone.add(part);
  for (const claim of strings(given.claims, 'claims')) {
    const found = disclosures.filter((disclosure) => disclosure.claim === claim);
    if (found.length === 0) invalidArgument('claims', 'names of claims that are disclosed in the file');
    for (const { name } of found) gone.add(name);
  }
  removeOrphans(presentation, disclosures, gone);
  const parts = new Map([...file.parts].filter(([name]) => !gone.has(name)));
  return formatFile({ parts, signature: file.signature });
}

function strings(value: unknown, parameter: string): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  return invalidArgument(parameter, 'an array of names');
}

function partsOf(file: EvidenceFile, name: string): readonly string[] {
  if ((REQUIRED_PARTS as readonly string[]).includes(name)) {
    return invalidArgument('parts', `names of parts that can be redacted; "${name}" cannot`);
  }
  const found = [...file.parts.keys()].filter((part) => part === name || part.startsWith(`${name}.`));
  return found.length > 0 ? found : invalidArgument('parts', 'names of parts in the file');
}

interface ReadDisclosure {
  readonly name: string;
  readonly digest: string;
  /** The JSON text. */
  readonly text: string;
  readonly claim: string | undefined;
}

function readDisclosures(file: EvidenceFile): readonly ReadDisclosure[] {
  return [...file.parts]
    .filter(([name]) => name.startsWith('disclosure.'))
    .map(([name, { value }]) => {
      const bytes = decodeBase64url(value as string, `parts.${name}`, 'ERR_EVIDENCE_MALFORMED');
      const { text, value: elements } = parseJson(
        bytes,
        `parts.${name}`,
        'ERR_EVIDENCE_MALFORMED',
        MAX_EVIDENCE_DEPTH,
      );
      const [, claim] = Array.isArray(elements) && elements.length === 3 ? elements : [];
      return {
        name,
        digest: sha256Base64url(value as string),
        text,
        claim: typeof claim === 'string' ? claim : undefined,
      };
    });
}

/** A disclosure inside a removed one is no longer referenced by a digest (RFC 9901 §7.1), and is removed too. */
function removeOrphans(
  presentation: PresentationPart,
  disclosures: readonly ReadDisclosure[],
  gone: Set<string>,
): void {
  const payloads = documentsOf(presentation)
    .flatMap(jwtsOf)
    .map((jwt) => {
      const bytes = decodeBase64url(jwt.split('.')[1] as string, 'presentation', 'ERR_EVIDENCE_MALFORMED');
      return new TextDecoder().decode(bytes);
    });
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    const left = disclosures.filter(({ name }) => !gone.has(name));
    const texts = [...payloads, ...left.map(({ text }) => text)];
    for (const { name, digest } of left) if (!texts.some((text) => text.includes(digest))) gone.add(name);
  }
}
