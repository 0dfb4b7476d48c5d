// vectors/chains.json and what holds in vectors/credential.json: every vector verifies, or is refused, as it says, and is made of
// what it says.
import { createPublicKey, verify as nodeVerify } from 'node:crypto';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, test } from 'vitest';
import * as ap2 from '../../src/ap2/index.js';
import * as api from '../../src/index.js';
import {
  checkMandateKeys,
  confirmationOf,
  type JsonObject,
  jwkThumbprint,
  type MandatePrivateKeys,
  type PqAlg,
  type SignatureReport,
} from '../../src/index.js';
import { attemptWith } from '../../vectors/generate/attempt.js';
import { base64url, fromBase64url, jcs, publicKeys, readJson, sha256 } from '../support.js';

const verifyAttempt = attemptWith({ ...api, ...ap2 });

interface Signer {
  seedDerivation: string;
  scalarDerivation: string;
  thumbprints: { es256: string; mldsa65: string };
  privateKeys: MandatePrivateKeys & { es256: { d: string }; mldsa65: { priv: string } };
  publicKeys: typeof publicKeys;
}
interface Token {
  signer: string;
  binding?: 'sd_hash' | 'issuer_jwt_hash';
  unsignedHeaderJcs: string;
  payloadJcs: string;
  disclosures: { json: string; digest: string }[];
  fingerprint?: string;
  hybridEs256?: string;
  mandateId?: string;
  es256: string;
  sdHash?: string;
  issuerJwtHash: string;
}
type Outcome =
  | { valid: true; quantumSafe: boolean; signatures: SignatureReport[] }
  | { valid: false; code: string };
interface Vector {
  id: string;
  verify: string;
  keys: string;
  credentialKeys?: string;
  options: Record<string, unknown>;
  mandate: string;
  salts?: string[];
  tokens: Token[];
  result: {
    credential?: JsonObject;
    mandates?: JsonObject[];
    processedPayload?: JsonObject;
    receipt?: JsonObject;
    receiptReference?: object;
    identities?: string[];
    tokenIdentities?: string[];
    unchecked?: string[];
  };
  expected: Record<string, Outcome>;
}

/** What the functions return, each some of it. */
interface Found extends Partial<Omit<Vector['result'], 'credential' | 'mandates' | 'processedPayload'>> {
  quantumSafe: boolean;
  signatures: SignatureReport;
  mandateId?: string;
  hops?: (Found & { mandate: JsonObject; identity: string; tokenIdentity: string })[];
  keyBinding?: Found;
  credential?: Found;
  payload?: JsonObject;
}

const { signers, vectors }: { signers: Record<string, Signer>; vectors: Vector[] } =
  readJson('../vectors/chains.json');
const { vectors: ofCredential }: { vectors: Vector[] } = readJson('../vectors/credential.json');
const signerOf = (name: string): Signer => signers[name] as Signer;

/** The tokens as they stand in the text, each with its last tilde where it has one. */
function textsOf({ verify, mandate }: Vector): string[] {
  if (verify === 'receipt') return [mandate];
  if (verify !== 'mandate')
    return mandate
      .slice(0, -1)
      .split('~~')
      .map((token) => `${token}~`);
  const at = mandate.lastIndexOf('~') + 1;
  return [mandate.slice(0, at), mandate.slice(at)];
}

/** The options with the keys that verify a credential, where one is accepted. */
function optionsOf({ options, credentialKeys }: Vector): Record<string, unknown> {
  if (credentialKeys === undefined) return options;
  const { publicKeys: trusted } = signerOf(credentialKeys);
  return { ...options, credential: { ...(options.credential as object), keys: trusted } };
}

describe.each([...vectors, ...ofCredential])('$id', (vector) => {
  const { verify, keys, mandate, tokens, result, expected } = vector;

  test.each(Object.entries(expected))('is, under %s, what it says', async (policy, outcome) => {
    const verification = verifyAttempt({
      verify,
      mandate,
      keys: signerOf(keys).publicKeys,
      options: { ...optionsOf(vector), policy },
    });
    if (!outcome.valid) return expect(verification).rejects.toMatchObject({ code: outcome.code });
    const found = (await verification) as Found;
    expect(found.quantumSafe).toBe(outcome.quantumSafe);
    const reports =
      found.hops === undefined
        ? [found, ...(found.keyBinding ? [found.keyBinding] : [])]
        : [found.credential ?? [], found.hops].flat();
    expect(reports.map(({ signatures }) => signatures)).toEqual(outcome.signatures);
    expect(reports.map(({ mandateId }) => mandateId)).toEqual(tokens.map(({ mandateId }) => mandateId));
    expect(found.hops?.map(({ mandate }) => mandate)).toEqual(result.mandates);
    expect(found.payload).toEqual(result.processedPayload);
    expect(found.credential?.payload).toEqual(result.credential);
    expect(found.receipt).toEqual(result.receipt);
    expect(found.receiptReference ?? {}).toMatchObject(result.receiptReference ?? {});
    if (result.identities === undefined) return;
    expect(found.hops?.map(({ identity }) => identity)).toEqual(result.identities);
    expect(found.hops?.map(({ tokenIdentity }) => tokenIdentity)).toEqual(result.tokenIdentities);
    expect(found.unchecked).toEqual(result.unchecked);
  });

  test('is made of what its tokens say', () => {
    const texts = textsOf(vector);
    expect(texts).toHaveLength(tokens.length);
    for (const [index, token] of tokens.entries()) {
      const text = texts[index] as string;
      const [jwt = '', ...disclosures] = text.split('~');
      const [header = '', payload = '', signature = ''] = jwt.split('.');
      const { pq_sig, ...unsigned } = JSON.parse(fromBase64url(header).toString('utf8'));
      const { publicKeys: signed } = signerOf(token.signer);
      expect(jcs(unsigned)).toBe(token.unsignedHeaderJcs);
      expect(fromBase64url(payload).toString('utf8')).toBe(token.payloadJcs);
      expect(signature).toBe(base64url(Buffer.from(token.es256, 'hex')));
      expect(es256Holds(`${header}.${payload}`, fromBase64url(signature), signed)).toBe(true);
      expect(sha256(jwt).toString('base64url')).toBe(token.issuerJwtHash);
      expect(text.includes('~') ? sha256(text).toString('base64url') : undefined).toBe(token.sdHash);
      const shown = disclosures.filter((encoded) => encoded !== '');
      expect(
        shown.map((encoded) => ({
          json: fromBase64url(encoded).toString('utf8'),
          digest: base64url(sha256(encoded)),
        })),
      ).toEqual(token.disclosures);
      checkPqSig(token, unsigned.pq_alg, pq_sig, `${base64url(jcs(unsigned))}.${payload}`, signed);
      if (token.binding === undefined) continue;
      const before = tokens[index - 1] as Token;
      const claims = JSON.parse(token.payloadJcs);
      expect(claims[token.binding]).toBe(token.binding === 'sd_hash' ? before.sdHash : before.issuerJwtHash);
    }
  });

  test('has the identities of what was signed (R9.13, R9.19)', () => {
    for (const [index, identity] of (result.identities ?? []).entries()) {
      const token = tokens[result.credential === undefined ? index : index + 1] as Token;
      const input = `ap2-pq-identity:${base64url(token.unsignedHeaderJcs)}.${base64url(token.payloadJcs)}`;
      expect(result.tokenIdentities?.[index]).toBe(base64url(sha256(input)));
      const digest = token.disclosures.find(({ json }) => {
        const [, value] = JSON.parse(json);
        return (value as JsonObject)?.vct === (result.mandates?.[index] as JsonObject | undefined)?.vct;
      })?.digest;
      expect(identity).toBe(base64url(sha256(`${input}~${digest}`)));
    }
  });

  test('has the salts that its id gives, and no others', () => {
    const salts = (vector.salts ?? []).map((_, n) =>
      base64url(
        sha256(
          `ap2-pq-salt:${vector.id.replace(/^(checkout|credential-open)-withheld$|^(credential-several)-.*$/, '$1$2')}:${n}`,
        ).subarray(0, 16),
      ),
    );
    expect(vector.salts ?? []).toEqual(salts);
    for (const { json } of tokens.flatMap(({ disclosures }) => disclosures))
      expect(salts).toContain(JSON.parse(json)[0]);
  });
});

function es256Holds(input: string, signature: Uint8Array, { es256 }: Signer['publicKeys']): boolean {
  const key = createPublicKey({ key: { ...es256 }, format: 'jwk' });
  return nodeVerify('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, signature);
}

function checkPqSig(
  token: Token,
  pqAlg: PqAlg | undefined,
  pqSig: string,
  input: string,
  signed: Signer['publicKeys'],
): void {
  if (pqAlg === undefined) {
    expect([token.fingerprint, token.mandateId, pqSig]).toEqual([undefined, undefined, undefined]);
    return;
  }
  const bytes = fromBase64url(pqSig);
  const [e, m] = [bytes.subarray(0, -3309), bytes.subarray(-3309)];
  expect(sha256(input).toString('hex')).toBe(token.fingerprint);
  expect(ml_dsa65.verify(m, sha256(input), fromBase64url(signed.mldsa65.pub))).toBe(true);
  expect(base64url(sha256(m))).toBe(token.mandateId);
  expect(e.length > 0 ? e.toString('hex') : undefined).toBe(token.hybridEs256);
  if (e.length > 0) expect(es256Holds(input, e, signed)).toBe(true);
}

describe('the signers', () => {
  test.each(Object.keys(signers))('%s: derived, a pair each, and nobody else’s', async (name) => {
    const { seedDerivation, scalarDerivation, thumbprints, privateKeys, publicKeys: own } = signerOf(name);
    const derived = (text: string) => base64url(sha256(text.replace(/^SHA-256\("(.*)"\)$/, '$1')));
    expect(privateKeys.mldsa65.priv).toBe(derived(seedDerivation));
    expect(privateKeys.es256.d).toBe(derived(scalarDerivation));
    await checkMandateKeys(privateKeys, own);
    expect({ es256: jwkThumbprint(own.es256), mldsa65: jwkThumbprint(own.mldsa65) }).toEqual(thumbprints);
  });

  test('include the one of keys.json, as issuer', () => {
    expect(signerOf('issuer').publicKeys).toEqual(publicKeys);
    const all = Object.values(signers).flatMap(({ thumbprints }) => Object.values(thumbprints));
    expect(new Set(all).size).toBe(all.length);
  });
});

test('the vectors hold both modes, both hashes, both forms of pq_cnf, and hops that are not quantum-safe', () => {
  const tokens = vectors.flatMap((vector) => vector.tokens);
  expect(tokens.some(({ hybridEs256 }) => hybridEs256 !== undefined)).toBe(true);
  expect(new Set(tokens.map(({ binding }) => binding))).toEqual(
    new Set([undefined, 'sd_hash', 'issuer_jwt_hash']),
  );
  const agent = signerOf('agent');
  const mandates = JSON.stringify(vectors.map(({ result }) => result.mandates));
  expect(mandates).toContain(JSON.stringify(confirmationOf(agent.publicKeys).pq_cnf).slice(0, 80));
  expect(mandates).toContain(JSON.stringify(confirmationOf(agent.publicKeys, { thumbprint: true }).pq_cnf));
  const outcomes = vectors.map(({ expected }) => expected['pq-optional'] as Outcome & { valid: true });
  expect(outcomes.every(({ valid }) => valid)).toBe(true);
  expect(new Set(outcomes.map(({ quantumSafe }) => quantumSafe))).toEqual(new Set([true, false]));
  expect(new Set(vectors.map(({ tokens: { length } }) => length))).toEqual(new Set([1, 2, 3]));
});
