// Invalid keys, and keys in every form of the runtime.
import {
  checkMandateKeys,
  createLocalMandateKeySet,
  type MandateKeys,
  signMandate,
  verifyMandate,
} from 'ap2-pq';
import { flip } from '../../../../vectors/generate/forge/compact.js';
import { assert, type Check, refuses } from '../harness.js';
import { CLAIMS, MODES, NOW, sign, type World } from '../world.js';

const INVALID = 'ERR_MANDATE_KEY_INVALID';
const at = { currentDate: NOW };

export const keyChecks = (world: World): Check[] => [
  ...malformedPublicKeys(world),
  ...malformedPrivateKeys(world),
  ...keySetChecks(world),
  {
    name: 'a JWK that has changed since it was last used is looked at anew',
    run: async () => {
      const es256 = { ...world.publicKeys.es256 };
      const mldsa65 = { ...world.publicKeys.mldsa65 };
      const verify = () => verifyMandate(world.mandates['ML-DSA-65'], { es256, mldsa65 }, at);
      await verify();
      mldsa65.pub = world.otherKeys.publicKeys.mldsa65.pub;
      await refuses(verify(), 'ERR_MANDATE_ML_DSA_65_INVALID');
      mldsa65.pub = world.publicKeys.mldsa65.pub;
      Object.assign(es256, { x: world.otherKeys.publicKeys.es256.x, y: world.otherKeys.publicKeys.es256.y });
      await refuses(verify(), 'ERR_MANDATE_ES256_INVALID');
    },
  },
  {
    name: 'two halves that do not belong together are told before anything is signed',
    run: async () => {
      await checkMandateKeys(world.keys.privateKeys, world.publicKeys);
      const es256 = { ...world.publicKeys.es256, ...coordinates(world.otherKeys) };
      const attempt = checkMandateKeys(world.keys.privateKeys, { ...world.publicKeys, es256 });
      const refused = await attempt.then(
        () => false,
        () => true,
      );
      assert(refused, 'taken for a pair');
    },
  },
];

const coordinates = ({ publicKeys: { es256 } }: MandateKeys) => ({ x: es256.x, y: es256.y });

function malformedPublicKeys({ publicKeys, keys, mandates }: World): Check[] {
  const { es256, mldsa65 } = publicKeys;
  const malformed: Readonly<Record<string, object>> = {
    'a point that is not on the curve': { es256: { ...es256, x: flip(es256.x, 3) } },
    'a coordinate of 31 bytes': { es256: { ...es256, y: es256.y.slice(0, 42) } },
    'another curve': { es256: { ...es256, crv: 'P-384' } },
    'another kty for ES256': { es256: { ...es256, kty: 'OKP' } },
    'a private ES256 key where a public one belongs': { es256: keys.privateKeys.es256 },
    'the two keys in the place of each other': { es256: mldsa65, mldsa65: es256 },
    'a pub that is a byte short': { mldsa65: { ...mldsa65, pub: mldsa65.pub.slice(0, 2602) } },
    'a pub with padding': { mldsa65: { ...mldsa65, pub: `${mldsa65.pub}=` } },
    'a pub with a character that is not base64url': {
      mldsa65: { ...mldsa65, pub: `+${mldsa65.pub.slice(1)}` },
    },
    'another parameter set': { mldsa65: { ...mldsa65, alg: 'ML-DSA-87' } },
    'a private ML-DSA-65 key where a public one belongs': { mldsa65: keys.privateKeys.mldsa65 },
    'a key for encryption': { mldsa65: { ...mldsa65, use: 'enc' } },
    'key_ops without verify': { es256: { ...es256, key_ops: ['sign'] } },
    'a number': { mldsa65: 7 },
  };
  return Object.entries(malformed).map(([name, keysOf]) => ({
    name: `a public key that is none: ${name}`,
    run: () => refuses(verifyMandate(mandates['ML-DSA-65'], { ...publicKeys, ...keysOf }, at), INVALID),
  }));
}

function malformedPrivateKeys({ publicKeys, keys, otherKeys }: World): Check[] {
  const { es256, mldsa65 } = keys.privateKeys;
  const malformed: Readonly<Record<string, object>> = {
    'a seed that does not derive pub': { mldsa65: { ...mldsa65, priv: flip(mldsa65.priv, 0) } },
    'a seed of 31 bytes': { mldsa65: { ...mldsa65, priv: mldsa65.priv.slice(0, 42) } },
    'a public ML-DSA-65 key': { mldsa65: publicKeys.mldsa65 },
    'a scalar that does not derive the point': { es256: { ...es256, ...coordinates(otherKeys) } },
    'a scalar of zero': { es256: { ...es256, d: 'A'.repeat(43) } },
    'a public ES256 key': { es256: publicKeys.es256 },
    'key_ops without sign': { mldsa65: { ...mldsa65, key_ops: ['verify'] } },
  };
  return Object.entries(malformed).map(([name, keysOf]) => ({
    name: `a private key that is none: ${name}`,
    run: () => refuses(signMandate(CLAIMS, { ...keys.privateKeys, ...keysOf }), INVALID),
  }));
}

function keySetChecks({ keys, otherKeys, mandates }: World): Check[] {
  const both = { keys: [...otherKeys.jwks.keys, ...keys.jwks.keys] };
  return [
    ...MODES.map((pqAlg) => ({
      name: `a JWK Set: both keys are found by the kid, ${pqAlg}`,
      run: () => verifyMandate(mandates[pqAlg], createLocalMandateKeySet(both), at),
    })),
    {
      name: 'a JWK Set that has no key of that kid',
      run: () =>
        refuses(
          verifyMandate(mandates['ML-DSA-65'], createLocalMandateKeySet(otherKeys.jwks), at),
          'ERR_MANDATE_KEY_UNRESOLVED',
        ),
    },
    {
      name: 'a JWK Set that has two keys of that kid',
      run: () =>
        refuses(
          verifyMandate(
            mandates['ML-DSA-65'],
            createLocalMandateKeySet({ keys: [...keys.jwks.keys, keys.jwks.keys[1]] }),
            at,
          ),
          'ERR_MANDATE_KEY_AMBIGUOUS',
        ),
    },
    {
      name: 'a JWK Set without the ML-DSA-65 key fails closed',
      run: () =>
        refuses(
          verifyMandate(mandates['ML-DSA-65'], createLocalMandateKeySet({ keys: [keys.jwks.keys[0]] }), at),
          'ERR_MANDATE_KEY_UNRESOLVED',
        ),
    },
    {
      name: 'what is no JWK Set is refused at once',
      run: () =>
        refuses(() => createLocalMandateKeySet({ keys: [7] as never }), 'ERR_MANDATE_KEY_SET_INVALID'),
    },
    {
      name: 'a resolver that throws is a refusal',
      run: () =>
        refuses(
          verifyMandate(mandates['ML-DSA-65'], () => {
            throw new Error('no connection');
          }),
          'ERR_MANDATE_KEY_UNRESOLVED',
        ),
    },
    {
      name: 'a resolver is given the header and the issuer',
      run: async () => {
        const mandate = await sign(keys.privateKeys, 'ML-DSA-65');
        let seen: unknown[] = [];
        await verifyMandate(
          mandate,
          async (header, issuer) => {
            seen = [header.kid, issuer];
            return keys.publicKeys;
          },
          at,
        );
        assert(seen[0] === keys.kid && seen[1] === CLAIMS.iss, `given ${seen.join(', ')}`);
      },
    },
  ];
}
