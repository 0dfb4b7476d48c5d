// vectors/token-level.json, chains.json and negative.json, on the back end under test.

import * as api from 'ap2-pq';
import { type SaltGenerator, signMandate, type VerifyMandateOptions, verifyMandate } from 'ap2-pq';
import * as ap2 from 'ap2-pq/ap2';
import { attemptWith } from '../../../../vectors/generate/attempt.js';
import { assert, type Check, refuses, same } from '../harness.js';
import type { ChainVector, NegativeCase, TokenVector, World } from '../world.js';

export const vectorChecks = ({ vectors }: World): Check[] => [
  ...vectors.tokenLevel.flatMap((vector) =>
    vector.expected.valid ? positive(vector, vectors) : negative(vector, vectors),
  ),
  ...vectors.chains.map(chain),
  ...vectors.negative.map(negativeCase),
];

const attempt = attemptWith({ ...api, ...ap2 });

const chain = ({ id, expected, ...vector }: ChainVector): Check => ({
  name: `chain ${id} has the outcome of the vector under every policy`,
  run: async () => {
    for (const [policy, { code, quantumSafe }] of Object.entries(expected)) {
      const outcome = attempt({ ...vector, options: { ...vector.options, policy } });
      if (code === undefined) {
        const verified = (await outcome) as { quantumSafe: boolean };
        assert(verified.quantumSafe === quantumSafe, `${policy}: quantumSafe is ${verified.quantumSafe}`);
      } else await refuses(outcome, code);
    }
  },
});

function positive(vector: TokenVector, { publicKeys, privateKeys }: World['vectors']): Check[] {
  const verifies = async (options: VerifyMandateOptions): Promise<void> => {
    const result = await verifyMandate(vector.mandate, publicKeys, options);
    same(result.payload, vector.processedPayload, 'the processed payload');
    same(result.signatures, vector.expected.signatures, 'the signature report');
    assert(result.mandateId === vector.mandateId, 'the mandateId is another one');
    assert(result.quantumSafe, 'not reported as quantum-safe');
  };
  return [
    { name: `${vector.id} verifies`, run: () => verifies({}) },
    { name: `${vector.id} verifies under pq-only`, run: () => verifies({ policy: 'pq-only' }) },
    {
      name: `${vector.id} is signed byte for byte`,
      run: async () => {
        const mandate = await signMandate(JSON.parse(vector.claims), privateKeys, {
          pqAlg: vector.pqAlg,
          disclosureFrame: vector.disclosureFrame as never,
          saltGenerator: saltsOf(vector),
          deterministic: true,
        });
        assert(mandate === vector.mandate, 'other bytes');
      },
    },
  ];
}

function saltsOf({ salts = [] }: TokenVector): SaltGenerator {
  const left = [...salts];
  return () => left.shift() as string;
}

function negative({ id, mandate, expected }: TokenVector, { publicKeys }: World['vectors']): Check[] {
  return [
    {
      name: `${id} is refused`,
      run: () => refuses(verifyMandate(mandate, publicKeys), String(expected.code)),
    },
    {
      name: `${id} is refused under pq-only`,
      run: () =>
        refuses(verifyMandate(mandate, publicKeys, { policy: 'pq-only' }), String(expected.codeUnderPqOnly)),
    },
  ];
}

const negativeCase = ({ id, expected, ...negativeAttempt }: NegativeCase): Check => ({
  name: `negative ${id} is refused with ${expected.code}`,
  run: () => refuses(attempt(negativeAttempt), expected.code),
});
