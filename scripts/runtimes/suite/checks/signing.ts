// What one back end signs, every back end verifies, in both modes.
import { decodeMandate, jwkThumbprint, signMandate, verifyMandate, verifyPqSignature } from 'ap2-pq';
import { importJWK, jwtVerify } from 'jose';
import { split } from '../../../../vectors/generate/forge/compact.js';
import { assert, type Check, hasWebCrypto, NotOffered, refuses, same } from '../harness.js';
import { CLAIMS, MODES, NOW, type Signed, sign, type World } from '../world.js';

export const signingChecks = (world: World): Check[] => [
  ...world.signed.flatMap(crossChecks),
  ...MODES.flatMap((pqAlg) => modeChecks(world, pqAlg)),
  {
    name: 'a stock jose verifies the mandate as the JWS that it is',
    run: async () => {
      if (!hasWebCrypto()) throw new NotOffered('there is no WebCrypto here');
      const key = await importJWK({ ...world.publicKeys.es256 }, 'ES256');
      const jws = world.mandates['ML-DSA-65'].split('~')[0] as string;
      const { payload } = await jwtVerify(jws, key, { currentDate: NOW });
      same(payload.amount, CLAIMS.amount, 'the amount');
    },
  },
  {
    name: 'the key generator makes a pair under one kid, whose thumbprint it is where none is given',
    run: () => {
      const { es256, mldsa65 } = world.otherKeys.publicKeys;
      assert(es256.kid === mldsa65.kid && mldsa65.kid === world.otherKeys.kid, 'two kids');
      assert(jwkThumbprint(mldsa65).length === 43, 'no thumbprint');
    },
  },
  {
    name: 'signing is hedged: ML-DSA-65 signs the same payload twice with two signatures',
    run: async () => {
      const ids = [];
      for (let i = 0; i < 2; i++) {
        const mandate = await sign(world.keys.privateKeys, 'ML-DSA-65');
        ids.push((await verifyMandate(mandate, world.publicKeys, { currentDate: NOW })).mandateId);
      }
      assert(ids[0] !== ids[1], 'one signature');
    },
  },
  {
    name: 'a Date, undefined and nested objects are signed as JSON has them',
    run: async () => {
      const mandate = await signMandate(
        { at: NOW, none: undefined, a: { b: [1, 2.5, null] } },
        world.keys.privateKeys,
      );
      const { payload } = await verifyMandate(mandate, world.publicKeys);
      same(payload, { at: NOW.toISOString(), a: { b: [1, 2.5, null] } }, 'the payload');
    },
  },
  {
    name: 'what I-JSON cannot hold is not signed',
    run: () => refuses(signMandate({ a: Number.NaN }, world.keys.privateKeys), 'ERR_MANDATE_PAYLOAD_INVALID'),
  },
];

const crossChecks = ({ backEnd, publicKeys, mandates }: Signed): Check[] =>
  MODES.map((pqAlg) => ({
    name: `verifies what ${backEnd} signed, ${pqAlg}`,
    run: async () => {
      const result = await verifyMandate(mandates[pqAlg], publicKeys, {
        currentDate: NOW,
        issuer: CLAIMS.iss,
      });
      same(result.payload, CLAIMS, 'the payload');
      const hybridEs256 = pqAlg === 'ML-DSA-65' ? 'absent' : 'valid';
      same(result.signatures, { es256: 'valid', mldsa65: 'valid', hybridEs256 }, 'the signature report');
      assert(result.disclosures.length === 3, 'not three disclosures');
    },
  }));

const modeChecks = ({ mandates, publicKeys }: World, pqAlg: (typeof MODES)[number]): Check[] => [
  ...(['pq-optional', 'pq-required', 'pq-only'] as const).map((policy) => ({
    name: `${pqAlg} verifies under ${policy}`,
    run: async () => {
      const result = await verifyMandate(mandates[pqAlg], publicKeys, { policy, currentDate: NOW });
      assert(result.quantumSafe && result.policy === policy, 'another verdict');
    },
  })),
  {
    name: `${pqAlg}: decodeMandate shows what stands in it, as unverified`,
    run: () => {
      const decoded = decodeMandate(mandates[pqAlg]);
      assert(decoded.verified === false, 'taken for verified');
      assert(decoded.protectedHeader.pq_alg === pqAlg, 'another pq_alg');
      assert(decoded.lengths.pqSig === (pqAlg === 'ML-DSA-65' ? 4412 : 4498), 'another length of pq_sig');
      assert(decoded.disclosures.length === 3, 'not three disclosures');
    },
  },
  {
    name: `${pqAlg}: verifyPqSignature verifies the post-quantum part alone`,
    run: async () => {
      const { header, payload, signature } = split(mandates[pqAlg]);
      const { signatures } = await verifyPqSignature(`${header}.${payload}.${signature}`, publicKeys);
      assert(signatures.mldsa65 === 'valid' && signatures.es256 === 'not-checked', 'another verdict');
    },
  },
];
