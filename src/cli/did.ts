import { didWebUrl } from '../key-sets/did-web.js';
import { createMandateJwks } from '../key-sets/publish.js';
import type { Command } from './command.js';
import { usage } from './errors.js';
import { answerDocument, pairsOfOperands } from './jwks.js';

export const did: Command = {
  input: 'own',
  operands: 'DID FILE…',
  options: {
    out: { kind: 'one', value: 'FILE', help: 'output file; default standard output' },
    force: { kind: 'flag', help: 'overwrite the file of --out' },
  },
  async run(io, given) {
    const [id = '', ...files] = given.operands;
    if (!id.startsWith('did:'))
      usage('operands', 'the first operand must be the DID, such as did:web:bank.example');
    const url = didWebUrl(id).href;
    const { keys } = createMandateJwks(await pairsOfOperands(io, files));
    const methods = keys.map((publicKeyJwk, index) => ({
      id: `#${publicKeyJwk.kty === 'EC' ? 'es256' : 'mldsa65'}-${Math.floor(index / 2) + 1}`,
      type: 'JsonWebKey2020',
      controller: id,
      publicKeyJwk,
    }));
    const document = {
      '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/suites/jws-2020/v1'],
      id,
      verificationMethod: methods,
      assertionMethod: methods.map((method) => method.id),
    };
    return answerDocument(io, given, document, { url });
  },
};
