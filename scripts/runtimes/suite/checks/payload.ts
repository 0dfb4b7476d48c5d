// Disclosures and claims, on a payload with valid signatures.
import { verifyMandate } from 'ap2-pq';
import { change, encode } from '../../../../vectors/generate/forge/compact.js';
import { disclose } from '../../../../vectors/generate/forge/disclosures.js';
import { signingKeys } from '../../../../vectors/generate/forge/signatures.js';
import { forgeToken } from '../../../../vectors/generate/forge/token.js';
import { assert, type Check, refuses, same } from '../harness.js';
import { CLAIMS, NOW, sign, type World } from '../world.js';

const at = { currentDate: NOW };

export const payloadChecks = (world: World): Check[] => [
  ...disclosureChecks(world),
  ...digestChecks(world),
  ...claimChecks(world),
];

function disclosureChecks({ mandates, publicKeys }: World): Check[] {
  const verify = (edit: (tail: readonly string[]) => readonly string[]) =>
    verifyMandate(
      change(mandates['ML-DSA-65'], ({ tail }) => ({ tail: edit(tail) })),
      publicKeys,
      at,
    );
  return [
    {
      name: 'disclosures in another order make the same payload',
      run: async () =>
        same((await verify(([a, b, c, end]) => [c, b, a, end] as string[])).payload, CLAIMS, 'it'),
    },
    {
      name: 'a disclosure that is withheld is left out of the payload',
      run: async () => {
        const { payload } = await verify(() => ['']);
        const { recipient: _, ...withheld } = CLAIMS;
        same(payload, { ...withheld, payees: [] }, 'the payload');
      },
    },
    ...Object.entries({
      'that nothing references': {
        edit: (tail: readonly string[]) => [encode('["salt","admin",true]'), ...tail],
        code: 'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
      },
      'that stands there twice': {
        edit: (tail: readonly string[]) => [tail[0] as string, ...tail],
        code: 'ERR_MANDATE_DISCLOSURE_REPEATED',
      },
      'that is no JSON': {
        edit: (tail: readonly string[]) => [encode('["salt",'), ...tail],
        code: 'ERR_MANDATE_DISCLOSURE_MALFORMED',
      },
      'that is no base64url': {
        edit: (tail: readonly string[]) => ['a+b=', ...tail],
        code: 'ERR_MANDATE_DISCLOSURE_MALFORMED',
      },
      'whose salt is a number': {
        edit: (tail: readonly string[]) => [encode('[1,"admin",true]'), ...tail],
        code: 'ERR_MANDATE_DISCLOSURE_MALFORMED',
      },
      'that is empty': { edit: (tail: readonly string[]) => ['', ...tail], code: 'ERR_MANDATE_MALFORMED' },
      'that is a key binding JWT': {
        edit: (tail: readonly string[]) => [...tail.slice(0, -1), 'e30.e30.AA'],
        code: 'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
      },
    }).map(([name, { edit, code }]) => ({
      name: `a disclosure ${name}`,
      run: () => refuses(verify(edit), code),
    })),
  ];
}

function digestChecks({ keys, publicKeys }: World): Check[] {
  const signer = signingKeys(keys.privateKeys);
  const forge = (payload: object, disclosures: readonly string[]): string =>
    forgeToken({ signer, payload, disclosures });
  const refusesPayload = (payload: object, disclosures: readonly string[], code: string) =>
    refuses(verifyMandate(forge(payload, disclosures), publicKeys, at), code);
  return [
    {
      name: 'a digest that occurs twice',
      run: async () => {
        const { encoded, digest } = disclose('salt', 'a', 1);
        await refusesPayload(
          { _sd: [digest], b: { _sd: [digest] } },
          [encoded],
          'ERR_MANDATE_DIGEST_REPEATED',
        );
      },
    },
    {
      name: 'a disclosed name that exists already',
      run: async () => {
        const { encoded, digest } = disclose('salt', 'a', 1);
        await refusesPayload({ _sd: [digest], a: 2 }, [encoded], 'ERR_MANDATE_DISCLOSURE_NAME');
      },
    },
    {
      name: 'a claim disclosure where an array element belongs',
      run: async () => {
        const { encoded, digest } = disclose('salt', 'a', 1);
        await refusesPayload({ a: [{ '...': digest }] }, [encoded], 'ERR_MANDATE_DISCLOSURE_MISPLACED');
      },
    },
    {
      name: '_sd that is no array of strings',
      run: () => refusesPayload({ _sd: [7] }, [], 'ERR_MANDATE_DIGEST_MALFORMED'),
    },
    {
      name: 'another _sd_alg',
      run: () => refusesPayload({ _sd_alg: 'sha-512' }, [], 'ERR_MANDATE_SD_ALG_UNSUPPORTED'),
    },
    {
      name: '__proto__ and constructor are plain data',
      run: async () => {
        const { encoded, digest } = disclose('salt', '__proto__', { polluted: true });
        const payload = JSON.parse(`{"_sd":["${digest}"],"constructor":1}`);
        const mandate = forge(payload, [encoded]);
        const result = await verifyMandate<Record<string, unknown>>(mandate, publicKeys, at);
        assert(Object.hasOwn(result.payload, '__proto__'), 'lost');
        assert(!('polluted' in {}) && !('polluted' in result.payload), 'the prototype has changed');
      },
    },
  ];
}

function claimChecks({ keys, publicKeys, mandates }: World): Check[] {
  const seconds = NOW.getTime() / 1000;
  const CLAIM = 'ERR_JWT_CLAIM_VALIDATION_FAILED';
  const EXPIRED = 'ERR_JWT_EXPIRED';
  const refusedClaims: readonly [name: string, claims: object, code: string][] = [
    ['exp has passed', { exp: seconds }, EXPIRED],
    ['nbf is to come', { nbf: seconds + 60 }, CLAIM],
    ['iat is to come', { iat: seconds + 60 }, CLAIM],
    ['valid_until has passed', { valid_until: NOW.toISOString() }, EXPIRED],
    ['valid_from is to come', { valid_from: '2026-05-02T00:00:00Z' }, CLAIM],
  ];
  const refusedOptions: readonly [name: string, options: object, code: string][] = [
    ['another issuer', { issuer: 'https://other.example' }, CLAIM],
    ['another audience', { audience: 'https://other.example' }, CLAIM],
    ['another subject', { subject: 'bob' }, CLAIM],
    ['another typ', { typ: 'other' }, CLAIM],
    ['a required claim that is missing', { requiredClaims: ['cart'] }, CLAIM],
    ['too great an age', { maxTokenAge: '1h' }, EXPIRED],
    ['an option that does not exist', { isuer: 'x' }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['an issuer that is undefined', { issuer: undefined }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['an unknown policy', { policy: 'pq-maybe' }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['fewer disclosures allowed', { limits: { maxDisclosures: 2 } }, 'ERR_MANDATE_TOO_LARGE'],
    ['fewer characters allowed', { limits: { maxMandateLength: 6000 } }, 'ERR_MANDATE_TOO_LARGE'],
    ['a shorter header allowed', { limits: { maxHeaderLength: 5000 } }, 'ERR_MANDATE_TOO_LARGE'],
    ['less depth allowed', { limits: { maxDepth: 1 } }, 'ERR_MANDATE_TOO_LARGE'],
    ['a limit that is no number', { limits: { maxDepth: '9' } }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['a mandate that is revoked', { isRevoked: () => true }, 'ERR_MANDATE_REVOKED'],
    [
      'a revocation check that fails',
      { isRevoked: () => Promise.reject(new Error()) },
      'ERR_MANDATE_REVOCATION_UNKNOWN',
    ],
    ['a log that fails', { onVerified: () => Promise.reject(new Error()) }, 'ERR_MANDATE_HOOK_FAILED'],
  ];
  return [
    ...refusedClaims.map(([name, claims, code]) => ({
      name: `refuses: ${name}`,
      run: async () => {
        const mandate = await sign(keys.privateKeys, 'ML-DSA-65', { ...CLAIMS, ...claims });
        await refuses(verifyMandate(mandate, publicKeys, at), code);
      },
    })),
    ...refusedOptions.map(([name, options, code]) => ({
      name: `refuses: ${name}`,
      run: () => refuses(verifyMandate(mandates['ML-DSA-65'], publicKeys, { ...at, ...options }), code),
    })),
    {
      name: 'accepts what is demanded, of claims that are in the clear and that are disclosed',
      run: () =>
        verifyMandate(mandates['ML-DSA-65'], publicKeys, {
          ...at,
          issuer: [CLAIMS.iss, 'https://other.example'],
          audience: 'https://shop.example',
          subject: CLAIMS.sub,
          typ: 'application/mandate+sd-jwt',
          requiredClaims: ['amount', 'recipient'],
          maxTokenAge: '1d',
          clockTolerance: '30s',
        }),
    },
  ];
}
