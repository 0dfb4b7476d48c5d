// A dispute in a few years. An attacker has computed a bank's P-256 key from its public key, and forges a classical mandate.
import { createPrivateKey, sign } from 'node:crypto';
import { generateMandateKeys, verifyMandate } from 'ap2-pq';
import { createEvidence, verifyEvidence } from 'ap2-pq/evidence';
import { createCheckpointSigner, createMemoryStore, openSealLog, verifySeal } from 'ap2-pq/seal';

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** Prints who accepts what, and returns whether all results are as expected. */
export async function forgery(): Promise<boolean> {
  const [bank, archive, merchant] = [
    await generateMandateKeys(),
    await generateMandateKeys(),
    await generateMandateKeys(),
  ];
  const p256 = createPrivateKey({ key: { ...bank.privateKeys.es256 }, format: 'jwk' });
  /** A classical mandate, as signed to this day. Anyone who has the P-256 key can do this, at any time. */
  const classical = (claims: object): string => {
    const input = `${base64url('{"alg":"ES256"}')}.${base64url(JSON.stringify(claims))}`;
    const signature = sign('sha256', Buffer.from(input), { key: p256, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}~`;
  };
  const sealedAt = new Date('2026-11-26T12:00:00Z');
  const iat = sealedAt.getTime() / 1000 - 86_400;
  const genuine = classical({
    iss: 'https://bank.example',
    iat,
    amount: '125.00',
    currency: 'HKD',
    payee: 'Tea House',
  });

  // 2026: the archive is sealed. One ML-DSA-65 signature covers all of it.
  const origin = 'archive.bank.example/2026';
  const signer = await createCheckpointSigner(origin, archive.privateKeys.mldsa65);
  const log = await openSealLog(createMemoryStore(), {
    origin,
    signers: [signer],
    now: () => sealedAt.getTime(),
  });
  for (let n = 0; n < 1000; n++) {
    await log.append({
      kind: 'mandate',
      token: n === 500 ? genuine : classical({ iss: 'https://bank.example', iat, amount: `${n}.00` }),
    });
  }
  await log.commit();
  const proof = await log.prove(500);

  // 2031: a forged mandate turns up, dated before the seal.
  const forged = classical({
    iss: 'https://bank.example',
    iat,
    amount: '99999.00',
    currency: 'HKD',
    payee: 'Mallory',
  });
  const policy = { origin, keys: [signer.verifierKey] };
  const demands = { policy: 'pq-optional' as const, issuer: 'https://bank.example' };
  const trust = {
    creator: merchant.publicKeys,
    logs: [policy],
    classicalUntil: new Date('2030-01-01T00:00:00Z'),
  };
  const evidence = (token: string, proofs: readonly string[]): Promise<string> =>
    createEvidence(
      {
        presentation: { kind: 'mandate', token, demands },
        usedAt: sealedAt,
        keys: { ...bank.publicKeys, source: 'https://bank.example/jwks.json', fetchedAt: sealedAt },
        seals: proofs.length === 0 ? [] : [{ of: 'presentation', proofs }],
      },
      merchant.privateKeys,
      { issuer: 'https://merchant.example' },
    );
  const record = (token: string) => ({ kind: 'mandate', token }) as const;
  const keys = { es256: bank.publicKeys.es256 };
  const checks: [string, boolean, () => Promise<unknown>][] = [
    [
      'the true one, by its ES256 signature',
      true,
      () => verifyMandate(genuine, keys, { ...demands, currentDate: sealedAt }),
    ],
    [
      'the forged one, by its ES256 signature',
      true,
      () => verifyMandate(forged, keys, { ...demands, currentDate: sealedAt }),
    ],
    ['the true one, by its seal', true, () => verifySeal(record(genuine), proof, policy)],
    ['the forged one, with the seal of the true one', false, () => verifySeal(record(forged), proof, policy)],
    ['evidence of the true one', true, async () => verifyEvidence(await evidence(genuine, [proof]), trust)],
    [
      'evidence of the forged one, without a seal',
      false,
      async () => verifyEvidence(await evidence(forged, []), trust),
    ],
    [
      'evidence of the forged one, with the seal of the true one',
      false,
      async () => evidence(forged, [proof]),
    ],
  ];
  let asExpected = true;
  for (const [name, expected, check] of checks) {
    const outcome = await check().then(
      () => 'accepted',
      (error) => `refused, ${error.code}`,
    );
    const isExpected = (outcome === 'accepted') === expected;
    asExpected &&= isExpected;
    console.log(`  ${name.padEnd(60)} ${outcome}${isExpected ? '' : '  UNEXPECTED'}`);
  }
  return asExpected;
}
