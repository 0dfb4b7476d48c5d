import { generateMandateKeys } from '../keys/generate.js';
import type { Command } from './command.js';
import { usage } from './errors.js';
import { exists, refuseExisting, writePairSafely } from './files.js';
import { withIssuer } from './jwks.js';
import { shown, table } from './terminal.js';

export const keygen: Command = {
  input: 'own',
  operands: '',
  options: {
    out: {
      kind: 'one',
      value: 'PREFIX',
      help: 'prefix of the two output files, such as keys/bank-2027',
      required: true,
    },
    kid: {
      kind: 'one',
      value: 'KID',
      help: 'the name of the pair; default: the thumbprint of the ML-DSA-65 key',
    },
    issuer: {
      kind: 'one',
      value: 'ISS',
      help: 'the "iss" of the mandates, as a member "issuer" of the JWK Set: verify --issuers DIR needs it',
    },
    force: { kind: 'flag', help: 'overwrite existing files: the keys in them are lost' },
  },
  async run(_io, given) {
    if (given.operands.length > 0) usage('operands', 'keygen takes no operand; --out PREFIX names the files');
    const prefix = given.required('out', 'the prefix of the two output files, such as --out keys/bank-2027');
    const force = given.has('force');
    const files = { privateKeys: `${prefix}.private.json`, jwks: `${prefix}.jwks.json` };
    // Both are checked before either is written: half a pair is useless.
    for (const path of Object.values(files))
      if (!force && (await exists(path))) await refuseExisting(path, '--out');
    const { kid, privateKeys, jwks } = await generateMandateKeys({ kid: given.one('kid') });
    const text = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
    await writePairSafely(
      { path: files.privateKeys, content: text(privateKeys) },
      { path: files.jwks, content: text(withIssuer(jwks, given)) },
      '--out',
      { force },
    );
    return {
      ok: true,
      result: { kid, files },
      people: () =>
        table([
          ['kid', shown(kid)],
          ['private keys', `${shown(files.privateKeys)}  keep it secret: only you can read it`],
          ['public keys', `${shown(files.jwks)}  publish it, and give it to verifiers`],
        ]),
    };
  },
};
