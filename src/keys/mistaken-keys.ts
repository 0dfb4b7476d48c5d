/** Describes the mistake if an object is not the keys but contains them. */
export function mistakenKeys(keys: object, kind: 'public' | 'private' = 'public'): string | undefined {
  const whole = `${kind}Keys`;
  if (Object.hasOwn(keys, 'keys'))
    return kind === 'public'
      ? 'public keys; this is a JWK Set: use createLocalMandateKeySet'
      : 'private keys; this is a JWK Set, which has public keys';
  if (Object.hasOwn(keys, whole)) return `${kind} keys: pass the "${whole}" of this`;
  if (Object.hasOwn(keys, 'kty')) return 'an object with "es256" and "mldsa65"; this is one JWK';
  return undefined;
}
