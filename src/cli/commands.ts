import type { NamedCommand } from './command.js';

/** Every command, in the order of the help. */
export const COMMANDS: readonly NamedCommand[] = [
  {
    name: 'keygen',
    summary: 'Makes a pair of keys: PREFIX.private.json, to keep secret, and PREFIX.jwks.json, to publish.',
    load: async () => (await import('./keygen.js')).keygen,
  },
  {
    name: 'sign',
    summary: 'Signs a mandate: reads its claims as JSON, and prints the SD-JWT.',
    load: async () => (await import('./sign.js')).sign,
  },
  {
    name: 'verify',
    summary: 'Verifies a mandate, or with --lines an archive of mandates, one on each line.',
    load: async () => (await import('./verify.js')).verify,
  },
  {
    name: 'inspect',
    summary: 'Shows the content of a mandate or a chain. It verifies nothing: the content may be forged.',
    load: async () => (await import('./inspect.js')).inspect,
  },
  {
    name: 'chain verify',
    summary: 'Verifies a delegation chain, and whether it authorizes the transaction.',
    load: async () => (await import('./chain.js')).chainVerify,
  },
  {
    name: 'jwks',
    summary: 'Prints the JWK Set to publish for keys; for private keys, their public halves.',
    load: async () => (await import('./jwks.js')).jwks,
  },
  {
    name: 'did',
    summary: 'Prints the DID document of a did:web for keys; for private keys, their public halves.',
    load: async () => (await import('./did.js')).did,
  },
  {
    name: 'seal keys',
    summary: 'Prints the verifier keys of a log, one on each line. A verifier of its seals needs them.',
    load: async () => (await import('./seal.js')).sealKeys,
  },
  {
    name: 'seal append',
    summary:
      'Adds records to a log and signs it: tokens one on each line, checkpoints and others one in each file.',
    load: async () => (await import('./seal.js')).sealAppend,
  },
  {
    name: 'seal checkpoint',
    summary: 'Verifies the signed checkpoint of a log; with --audit every byte of the log.',
    load: async () => (await import('./seal.js')).sealCheckpoint,
  },
  {
    name: 'seal prove',
    summary: 'Prints the proof that a record is in a log: keep it with the record.',
    load: async () => (await import('./seal.js')).sealProve,
  },
  {
    name: 'seal verify',
    summary: 'Verifies by its proof that a record is sealed, without the log.',
    load: async () => (await import('./seal.js')).sealVerify,
  },
  {
    name: 'evidence create',
    summary: 'Packs what a dispute needs into one signed file. Its contents are a JSON document.',
    load: async () => (await import('./evidence.js')).evidenceCreate,
  },
  {
    name: 'evidence verify',
    summary: 'Verifies an evidence file without a network, and reports line by line what is proven and how.',
    load: async () => (await import('./evidence.js')).evidenceVerify,
  },
  {
    name: 'evidence redact',
    summary: 'Removes claims and parts from an evidence file; its signatures and seals still verify.',
    load: async () => (await import('./evidence.js')).evidenceRedact,
  },
  {
    name: 'evidence html',
    summary: 'Verifies an evidence file and writes the report for people as one HTML page.',
    load: async () => (await import('./evidence.js')).evidenceHtml,
  },
  {
    name: 'doctor',
    summary:
      'Shows the back ends of this machine and the limits that apply, and signs and verifies with each.',
    load: async () => (await import('./doctor.js')).doctor,
  },
];
