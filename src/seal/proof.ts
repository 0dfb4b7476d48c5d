import { fail } from '../errors.js';
import { encodeBase64 } from './base64.js';
import { parseDecimal, parseHash } from './tree-head.js';

// C2SP tlog-proof: the index of an entry, its inclusion proof, and the checkpoint, in one text.

const HEADER = 'c2sp.org/tlog-proof@v1';
/** The longest inclusion proof, in a tree of fewer than 2^53 entries. */
const MAX_HASHES = 53;
const MAX_PROOF_LENGTH = 270_000;

/** The parts of a proof. Nothing in it is verified. */
export interface SealProof {
  readonly index: number;
  /** From the sibling of the leaf to the child of the root, 32 bytes each. */
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint. */
  readonly checkpoint: string;
}

/** The proof as a file, `.tlog-proof`. */
export const formatProof = ({ index, hashes, checkpoint }: SealProof): string =>
  [HEADER, `index ${index}`, ...hashes.map(encodeBase64), '', checkpoint].join('\n');

/** Parses a proof. A line `extra` is rejected: nothing authenticates it, and this library writes none. */
export function parseProof(proof: unknown, parameter: string): SealProof {
  const refuse = (expected: string): never => {
    fail(
      'ERR_SEAL_PROOF_MALFORMED',
      parameter,
      `"${parameter}" must be a proof (C2SP tlog-proof): ${expected}`,
    );
  };
  if (typeof proof !== 'string') return refuse('a string');
  if (proof.length > MAX_PROOF_LENGTH) refuse(`at most ${MAX_PROOF_LENGTH} characters`);
  const end = proof.indexOf('\n\n');
  if (end === -1) return refuse('an empty line before the checkpoint');
  const [header, indexLine = '', ...lines] = proof.slice(0, end).split('\n');
  if (header !== HEADER) refuse(`"${HEADER}" in the first line`);
  const index = indexLine.startsWith('index ') ? parseDecimal(indexLine.slice(6)) : undefined;
  if (index === undefined) return refuse('"index" and a number in the second line; "extra" is not accepted');
  if (lines.length > MAX_HASHES) refuse(`at most ${MAX_HASHES} hashes`);
  const hashes = lines.map((line) => parseHash(line) ?? refuse('one hash of 32 bytes per line, in base64'));
  return { index, hashes, checkpoint: proof.slice(end + 2) };
}
