import { createClassicalJwks, createMandateJwks } from '../key-sets/publish.js';
import type { Given } from './arguments.js';
import type { Command } from './command.js';
import { usage } from './errors.js';
import { put } from './files.js';
import { readPair } from './keys.js';
import type { Io } from './terminal.js';

/** The public key pairs of all given files. */
export async function pairsOfOperands(io: Io, files: readonly string[]) {
  if (files.length === 0)
    usage('operands', 'the key files are required: JWK Sets, or pairs as keygen writes them');
  const pairs = [];
  for (const file of files) pairs.push(...(await readPair(io, file, 'FILE')));
  return pairs;
}

/** Prints a document, or with --json and --out a report. */
export async function answerDocument(io: Io, given: Given, document: object, more: object = {}) {
  const out = given.one('out');
  const result = { document, ...more };
  if (given.has('json') && out === undefined) return { ok: true, result, people: () => [] };
  const lines = await put(io, out, `${JSON.stringify(document, undefined, 2)}\n`, given.has('force'));
  return { ok: true, result, people: () => lines };
}

/** A JWK Set with the issuer of `--issuer`, if given. */
export const withIssuer = (jwks: object, given: Given): object => {
  const issuer = given.one('issuer');
  return issuer === undefined ? jwks : { issuer, ...jwks };
};

export const jwks: Command = {
  input: 'own',
  operands: 'FILE…',
  options: {
    issuer: {
      kind: 'one',
      value: 'ISS',
      help: 'the "iss" of the mandates, as a member "issuer" of the JWK Set: verify --issuers DIR needs it',
    },
    classical: { kind: 'flag', help: 'only the EC keys, for software that does not know ML-DSA' },
    out: { kind: 'one', value: 'FILE', help: 'output file; default standard output' },
    force: { kind: 'flag', help: 'overwrite the file of --out' },
  },
  async run(io, given) {
    const pairs = await pairsOfOperands(io, given.operands);
    const jwks = given.has('classical') ? createClassicalJwks(pairs) : createMandateJwks(pairs);
    return answerDocument(io, given, withIssuer(jwks, given));
  },
};
