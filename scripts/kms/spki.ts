/** SPKI of an ML-DSA-65 public key (RFC 9881 §4), written by hand, because ap2-pq is under test. */
export const MlDsa65Spki = (pub: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('308207b2300b0609608648016503040312038207a100', 'hex'), pub]);
