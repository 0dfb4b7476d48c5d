// The forge with the keys of the vectors. The issuer signs, unless a case names another signer.
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import * as signatures from '../forge/signatures.js';
import { defined, forgeToken, type Members, type Forgery as TokenForgery } from '../forge/token.js';
import { issuer, type Signer, sha256 } from '../keys.js';

export { change, headerOf, joinTokens, split, tokensOf } from '../forge/compact.js';
export { type Disclosed, decoy, disclose, discloseEncoded, discloseText } from '../forge/disclosures.js';
export { defined, HYBRID, jcs, type Members, type PqParts } from '../forge/token.js';

export const KID = issuer.kid;
export const ISSUER = 'https://bank.example';

/** The parts of a mandate. Every omitted part is valid. */
export interface Forgery extends TokenForgery {
  /** The signer; by default the issuer. */
  readonly signer?: Signer;
  /** Members added to the payload, or removed from it by `undefined`. */
  readonly payload?: Members;
}

/** Makes a mandate with valid signatures over any content. */
export const forge = ({ signer = issuer, payload, ...forgery }: Forgery = {}): string =>
  forgeToken({
    ...forgery,
    signer,
    payload: defined({ iss: ISSUER, amount: '125.00', _sd_alg: 'sha-256', ...payload }),
  });

export const signEs256 = (data: string | Uint8Array, scalar: Uint8Array = issuer.scalar): Uint8Array =>
  signatures.signEs256(data, scalar);

export const signMlDsa65 = (message: Uint8Array, { secretKey } = issuer.mldsa65): Uint8Array =>
  signatures.signMlDsa65(message, secretKey);

/** Another issuer's keys, as deterministic and as public as those of the vectors. */
export const otherScalar = sha256('ap2-pq-negative-other-ecdsa');
export const otherMlDsa65 = ml_dsa65.keygen(sha256('ap2-pq-negative-other-mldsa'));
