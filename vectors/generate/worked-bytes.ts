/** Appendix A of SPEC.md: one hybrid vector, step by step. */
export function workedBytes(vector: Record<string, unknown>): string {
  const text = (name: string): string => String(vector[name]);
  const brief = (value: string): string =>
    `${value.slice(0, 32)}…${value.slice(-32)} (${value.length} characters)`;
  const rows: [string, string][] = [
    ['H0 = JCS(header without `pq_sig`)', text('unsignedHeaderJcs')],
    ['JCS(payload)', text('payloadJcs')],
    ['PQ Signing Input', text('pqSigningInput')],
    ['fingerprint = SHA-256(PQ Signing Input), hex', text('fingerprint')],
    ['e = ES256 over the PQ Signing Input, R‖S, hex', text('hybridEs256')],
    ['m = ML-DSA-65 over the fingerprint, base64url', brief(text('mldsa65'))],
    ['pq_sig = BASE64URL(e ‖ m)', brief(text('pqSig'))],
    ['ES256 over BASE64URL(JCS(header)) . BASE64URL(JCS(payload)), R‖S, hex', text('es256')],
    ['mandateId = BASE64URL(SHA-256(m))', text('mandateId')],
  ];
  const disclosures = vector.disclosures as { encoded: string; json: string; digest: string }[];
  for (const { encoded, json, digest } of disclosures) {
    rows.push(['disclosure, JSON', json], ['disclosure', encoded], ['digest', digest]);
  }
  const blocks = rows.map(([name, value]) => `${name}\n\n    ${value}\n`);
  return `Vector \`${text('id')}\`, deterministic.\n\n${blocks.join('\n')}`;
}
