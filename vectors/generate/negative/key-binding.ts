import { wallet } from '../keys.js';
import { AUDIENCE, NONCE, NOW, sdHash } from './chain.js';
import { type Forgery, forge } from './forge.js';

/** A key binding JWT (RFC 9901 §4.3) for an SD-JWT. `payload` is merged with its claims. */
export function forgeKeyBindingJwt(sdJwt: string, forgery: Forgery): string {
  const claims = { iat: NOW, aud: AUDIENCE, nonce: NONCE, sd_hash: sdHash(sdJwt) };
  const ofNoMandate = { iss: undefined, amount: undefined, _sd_alg: undefined };
  return forge({
    signer: wallet,
    ...forgery,
    header: { typ: 'kb+jwt', ...forgery.header },
    payload: { ...ofNoMandate, ...claims, ...forgery.payload },
  }).slice(0, -1);
}
