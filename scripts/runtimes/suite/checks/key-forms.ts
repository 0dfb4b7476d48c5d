// Keys as the runtime's own objects, and signers and verifiers that are functions.
import {
  type Es256PrivateKey,
  type Es256PublicKey,
  type MlDsa65PrivateKey,
  type MlDsa65PublicKey,
  verifyMandate,
} from 'ap2-pq';
import { importJWK } from 'jose';
import { assert, type Check, hasWebCrypto, NotOffered, refuses } from '../harness.js';
import { MODES, NOW, sign, type World } from '../world.js';

/** A key pair of each kind in one form. */
interface Pair<Private, Public> {
  readonly privateKey: Private;
  readonly publicKey: Public;
}

const at = { currentDate: NOW };
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };

export const keyFormChecks = (world: World): Check[] => [
  ...objectChecks('CryptoKey', world, cryptoKeysOfEs256, cryptoKeysOfMlDsa65),
  ...objectChecks('KeyObject', world, keyObjectsOfEs256, keyObjectsOfMlDsa65),
  ...functionChecks(world),
];

/** Signs with one key in that form, or both, and verifies with the original; and the reverse. */
function objectChecks(
  form: string,
  { keys, publicKeys }: World,
  es256Of: (world: World['keys']) => Promise<Pair<Es256PrivateKey, Es256PublicKey>>,
  mldsa65Of: (world: World['keys']) => Promise<Pair<MlDsa65PrivateKey, MlDsa65PublicKey>>,
): Check[] {
  const { privateKeys } = keys;
  return MODES.flatMap((pqAlg) => [
    {
      name: `${form} for ES256 signs and verifies, ${pqAlg}`,
      run: async () => {
        const es256 = await es256Of(keys);
        const mandate = await sign({ ...privateKeys, es256: es256.privateKey }, pqAlg);
        await verifyMandate(mandate, publicKeys, at);
        await verifyMandate(mandate, { ...publicKeys, es256: es256.publicKey }, at);
      },
    },
    {
      name: `${form} for ML-DSA-65 signs and verifies, ${pqAlg}`,
      run: async () => {
        const mldsa65 = await mldsa65Of(keys);
        const mandate = await sign({ ...privateKeys, mldsa65: mldsa65.privateKey }, pqAlg);
        await verifyMandate(mandate, publicKeys, at);
        await verifyMandate(mandate, { ...publicKeys, mldsa65: mldsa65.publicKey }, at);
      },
    },
    {
      name: `${form} of the other half is refused, ${pqAlg}`,
      run: async () => {
        const es256 = await es256Of(keys);
        const swapped = { ...privateKeys, es256: es256.publicKey as never };
        await refuses(sign(swapped, pqAlg), 'ERR_MANDATE_KEY_INVALID');
      },
    },
  ]);
}

async function cryptoKeysOfEs256({ privateKeys, publicKeys }: World['keys']) {
  if (!hasWebCrypto()) throw new NotOffered('there is no WebCrypto here');
  const { kid: _, use: __, ...privateJwk } = privateKeys.es256;
  const { kid: ___, use: ____, ...publicJwk } = publicKeys.es256;
  return {
    privateKey: await crypto.subtle.importKey('jwk', privateJwk as JsonWebKey, P256, false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', publicJwk as JsonWebKey, P256, false, ['verify']),
  };
}

async function cryptoKeysOfMlDsa65({ privateKeys, publicKeys }: World['keys']) {
  try {
    return {
      privateKey: (await importJWK({ ...privateKeys.mldsa65 }, 'ML-DSA-65')) as CryptoKey,
      publicKey: (await importJWK({ ...publicKeys.mldsa65 }, 'ML-DSA-65')) as CryptoKey,
    };
  } catch {
    throw new NotOffered('WebCrypto has no ML-DSA-65 here');
  }
}

/** The part of node:crypto that the checks use. */
interface NodeCrypto {
  createPrivateKey(key: object): Es256PrivateKey & MlDsa65PrivateKey;
  createPublicKey(key: object): Es256PublicKey & MlDsa65PublicKey;
}

function nodeCrypto(): NodeCrypto {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => NodeCrypto } };
  try {
    const found = process?.getBuiltinModule?.('node:crypto');
    if (found !== undefined) return found;
  } catch {
    // Next.js at the edge: a stub.
  }
  throw new NotOffered('there is no node:crypto here');
}

async function keyObjectsOfEs256({ privateKeys, publicKeys }: World['keys']) {
  const { createPrivateKey, createPublicKey } = nodeCrypto();
  return {
    privateKey: createPrivateKey({ key: privateKeys.es256, format: 'jwk' }),
    publicKey: createPublicKey({ key: publicKeys.es256, format: 'jwk' }),
  };
}

async function keyObjectsOfMlDsa65({ privateKeys, publicKeys }: World['keys']) {
  const { createPrivateKey, createPublicKey } = nodeCrypto();
  try {
    return {
      privateKey: createPrivateKey({ key: privateKeys.mldsa65, format: 'jwk' }),
      publicKey: createPublicKey({ key: publicKeys.mldsa65, format: 'jwk' }),
    };
  } catch {
    throw new NotOffered('node:crypto has no ML-DSA-65 here');
  }
}

function functionChecks({ keys, publicKeys, mandates }: World): Check[] {
  const ecdsa = { name: 'ECDSA', hash: 'SHA-256' };
  const bytes = (data: Uint8Array): BufferSource => data as BufferSource;
  return [
    ...MODES.map((pqAlg) => ({
      name: `a signer and a verifier that are functions, ${pqAlg}`,
      run: async () => {
        const { privateKey, publicKey } = await cryptoKeysOfEs256(keys);
        const es256 = async (data: Uint8Array) =>
          new Uint8Array(await crypto.subtle.sign(ecdsa, privateKey, bytes(data)));
        const mandate = await sign({ ...keys.privateKeys, es256 }, pqAlg);
        await verifyMandate(mandate, publicKeys, at);
        const verifier = (data: Uint8Array, signature: Uint8Array) =>
          crypto.subtle.verify(ecdsa, publicKey, bytes(signature), bytes(data));
        await verifyMandate(mandate, { ...publicKeys, es256: verifier }, at);
      },
    })),
    {
      name: 'an ML-DSA-65 signer that is a function gets the fingerprint, 32 bytes',
      run: async () => {
        let length = 0;
        const mldsa65 = (data: Uint8Array) => {
          length = data.length;
          return new Uint8Array(3309);
        };
        const mandate = await sign({ ...keys.privateKeys, mldsa65 }, 'ML-DSA-65');
        assert(length === 32, `given ${length} bytes`);
        await refuses(verifyMandate(mandate, publicKeys, at), 'ERR_MANDATE_ML_DSA_65_INVALID');
      },
    },
    ...Object.entries({
      'that throws': () => {
        throw new Error('the HSM is gone');
      },
      'that rejects': () => Promise.reject(new Error('the HSM is gone')),
      'that returns too few bytes': () => new Uint8Array(3308),
      'that returns no bytes': () => 'signature' as never,
    }).map(([name, mldsa65]) => ({
      name: `a signer ${name} signs nothing`,
      run: () => refuses(sign({ ...keys.privateKeys, mldsa65 }, 'ML-DSA-65'), 'ERR_MANDATE_SIGNER_FAILED'),
    })),
    {
      name: 'a verifier that throws is no verdict, and a refusal',
      run: () => {
        const mldsa65 = () => Promise.reject(new Error('the HSM is gone'));
        const attempt = verifyMandate(mandates['ML-DSA-65'], { ...publicKeys, mldsa65 }, at);
        return refuses(attempt, 'ERR_MANDATE_VERIFIER_FAILED');
      },
    },
    {
      name: 'a verifier that says anything but true refuses',
      run: () => {
        const mldsa65 = () => 1 as never;
        const attempt = verifyMandate(mandates['ML-DSA-65'], { ...publicKeys, mldsa65 }, at);
        return refuses(attempt, 'ERR_MANDATE_ML_DSA_65_INVALID');
      },
    },
  ];
}
