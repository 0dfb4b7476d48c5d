// Keys as files, and public keys of private keys.
import {
  checkMandateKeys,
  type Es256PrivateKey,
  exportMandateKeysToPem,
  importMandatePrivateKeys,
  importMandatePublicKeys,
  mandatePublicKeysOf,
} from 'ap2-pq';
import { type Check, hasWebCrypto, NotOffered, refuses, same } from '../harness.js';
import type { World } from '../world.js';

const P256 = { name: 'ECDSA', namedCurve: 'P-256' };

export const keyFileChecks = ({ keys: { kid, privateKeys, publicKeys } }: World): Check[] => [
  {
    name: 'keys as PEM come back as they were',
    run: async () => {
      const secret = await importMandatePrivateKeys(await exportMandateKeysToPem(privateKeys), { kid });
      same(secret, privateKeys, 'the private keys');
      const published = await importMandatePublicKeys(await exportMandateKeysToPem(publicKeys), { kid });
      same(published, publicKeys, 'the public keys');
    },
  },
  {
    name: 'an expanded key signs, also when the bytes it came from are wiped; one with a wrong bit is refused',
    run: async () => {
      const pem = await exportMandateKeysToPem(privateKeys, { mldsa65: 'expanded' });
      const file = bytesOf(pem.mldsa65);
      const damaged = file.slice();
      const last = damaged.length - 1;
      damaged[last] = (damaged[last] as number) ^ 1;
      const importing = (mldsa65: Uint8Array) =>
        importMandatePrivateKeys({ es256: privateKeys.es256, mldsa65 }, { kid });
      await refuses(importing(damaged), 'ERR_MANDATE_KEY_INVALID');
      const imported = await importing(file);
      file.fill(0);
      await checkMandateKeys(imported, publicKeys);
      same(await mandatePublicKeysOf(imported), publicKeys, 'the public keys');
    },
  },
  {
    name: 'public keys out of JWKs, and out of an extractable CryptoKey',
    run: async () => {
      same(await mandatePublicKeysOf(privateKeys), publicKeys, 'the public keys');
      if (!hasWebCrypto()) throw new NotOffered('there is no WebCrypto here');
      const { privateKey } = await crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
      const pair = { ...privateKeys, es256: privateKey as Es256PrivateKey };
      await checkMandateKeys(pair, await mandatePublicKeysOf(pair));
      const locked = await crypto.subtle.generateKey(P256, false, ['sign', 'verify']);
      const refused = { ...privateKeys, es256: locked.privateKey as Es256PrivateKey };
      await refuses(mandatePublicKeysOf(refused), 'ERR_MANDATE_KEY_INVALID');
    },
  },
];

/** The DER in a PEM text. */
const bytesOf = (pem: string): Uint8Array =>
  Uint8Array.from(atob(pem.replace(/-----[A-Z ]+-----|\s/g, '')), (char) => char.charCodeAt(0));
