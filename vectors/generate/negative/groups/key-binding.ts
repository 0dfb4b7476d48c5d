// SPEC.md §10.3: the key binding JWT of a single mandate: presence, header, signatures.
import { agent, issuer, wallet } from '../../keys.js';
import { boundClassical, boundWithPq, classicalConfirmation, confirmation } from '../ap2.js';
import { group, type Making } from '../case.js';
import { HYBRID, signEs256, signMlDsa65 } from '../forge.js';

const INVALID = 'ERR_MANDATE_KEY_BINDING_INVALID';
const classical = boundClassical(classicalConfirmation(wallet));
const pq = boundWithPq(confirmation(wallet));
const hybrid: Making = { ...pq, binding: { pqAlg: HYBRID } };

/** The text before the key binding JWT, and the JWT itself. */
const parts = (mandate: string): [sdJwt: string, kbJwt: string] => {
  const at = mandate.lastIndexOf('~') + 1;
  return [mandate.slice(0, at), mandate.slice(at)];
};
const typ = (id: string, comment: string, value: unknown) => ({
  id: `typ-${id}`,
  comment,
  rule: 'R10.5',
  defect: { binding: { header: { typ: value } } },
});

export const keyBinding = [
  ...group(
    'key-binding',
    { rule: 'R10.7', code: 'ERR_MANDATE_KEY_BINDING_MISSING', flags: ['key-binding'], base: classical },
    [
      {
        id: 'missing',
        comment: 'The verifier demands a key binding JWT, and there is none',
        defect: { edit: (mandate) => parts(mandate)[0] },
      },
      {
        id: 'missing-without-confirmation',
        comment: 'The same, of a mandate that names no key',
        base: { ...classical, payload: {}, binding: undefined, options: { policy: 'pq-optional' } },
        defect: { options: { keyBinding: classical.options?.keyBinding } },
      },
    ],
  ),
  ...group(
    'key-binding',
    { rule: 'R6.71', code: 'ERR_MANDATE_MALFORMED', flags: ['key-binding', 'compact-form'], base: classical },
    [
      {
        id: 'followed-by-tilde',
        comment: 'A tilde behind the key binding JWT, which thereby stands in the place of a disclosure',
        rule: 'R6.28',
        code: 'ERR_MANDATE_DISCLOSURE_MALFORMED',
        defect: { edit: (mandate) => `${mandate}~` },
      },
      {
        id: 'line-end-after',
        comment: 'A line end behind the key binding JWT',
        defect: { edit: (mandate) => `${mandate}\n` },
      },
      {
        id: 'two-tildes-before',
        comment: 'Two tildes before the key binding JWT, as between the tokens of a chain',
        rule: 'R6.8',
        defect: { edit: (mandate) => parts(mandate).join('~') },
      },
    ],
  ),
  ...group(
    'key-binding',
    { rule: 'R10.5', code: INVALID, flags: ['key-binding', 'header-parameter'], base: classical },
    [
      typ('missing', 'A key binding JWT without "typ"', undefined),
      typ('jwt', 'The "typ" of a JWT', 'JWT'),
      typ('prefixed', 'The "typ" with application/ before it', 'application/kb+jwt'),
      typ('upper-case', 'The "typ" in capitals', 'KB+JWT'),
      typ('of-closed-hop', 'The "typ" of a hop with a closed mandate', 'kb+sd-jwt'),
      typ('of-open-hop', 'The "typ" of a hop with an open mandate', 'kb+sd-jwt+kb'),
      typ('space', 'A space behind the "typ"', 'kb+jwt '),
    ],
  ),
  ...group(
    'key-binding',
    {
      rule: 'R10.5',
      code: 'ERR_MANDATE_HEADER_INVALID',
      flags: ['key-binding', 'header-parameter'],
      base: classical,
    },
    [
      {
        id: 'alg-none',
        comment: 'The "alg" of a key binding JWT is none',
        defect: { binding: { header: { alg: 'none' } } },
      },
      {
        id: 'alg-ml-dsa-65',
        comment: 'The "alg" of a key binding JWT is ML-DSA-65',
        flags: ['algorithm-confusion'],
        defect: { binding: { header: { alg: 'ML-DSA-65' } } },
      },
      {
        id: 'crit',
        comment: 'A key binding JWT with "crit"',
        flags: ['crit'],
        defect: { binding: { header: { crit: ['x'], x: 1 } } },
      },
      {
        id: 'b64-false',
        comment: 'A key binding JWT with "b64" of false',
        flags: ['crit'],
        defect: { binding: { header: { b64: false } } },
      },
      {
        id: 'kid-number',
        comment: 'The "kid" of a key binding JWT is a number',
        defect: { binding: { header: { kid: 7 } } },
      },
    ],
  ),
  ...group(
    'key-binding',
    { rule: 'R10.5', code: 'ERR_MANDATE_PQ_SIG_MALFORMED', flags: ['key-binding'], base: pq },
    [
      {
        id: 'header-not-canonical',
        comment: 'A space in the protected header of a key binding JWT',
        code: 'ERR_MANDATE_HEADER_NOT_CANONICAL',
        flags: ['canonical-form'],
        defect: { binding: { headerText: (text) => text.replace('{', '{ ') } },
      },
      {
        id: 'pq-sig-missing',
        comment: 'A key binding JWT with "pq_alg" and without "pq_sig"',
        code: 'ERR_MANDATE_PQ_SIG_MISSING',
        flags: ['downgrade'],
        defect: { binding: { finalHeader: ({ pq_sig: _, ...rest }) => rest } },
      },
      {
        id: 'pq-alg-missing',
        comment: 'A key binding JWT with "pq_sig" and without "pq_alg"',
        code: 'ERR_MANDATE_PQ_ALG_MISSING',
        flags: ['downgrade'],
        defect: { binding: { header: { pq_alg: undefined } } },
      },
      {
        id: 'pq-alg-unknown',
        comment: 'A key binding JWT with another parameter set',
        code: 'ERR_MANDATE_PQ_ALG_UNKNOWN',
        flags: ['algorithm-confusion'],
        defect: { binding: { header: { pq_alg: 'ML-DSA-44' } } },
      },
      {
        id: 'pq-sig-short',
        comment: 'The "pq_sig" of a key binding JWT is four characters short',
        defect: { binding: { pqSig: (pqSig) => pqSig.slice(0, -4) } },
      },
    ],
  ),
  ...group(
    'key-binding',
    {
      rule: 'R10.5',
      code: 'ERR_MANDATE_ES256_INVALID',
      flags: ['key-binding', 'wrong-key'],
      base: classical,
    },
    [
      {
        id: 'signed-by-issuer',
        comment: 'A key binding JWT that the issuer signed, and not the holder',
        defect: { binding: { signer: issuer, header: { kid: wallet.kid } } },
      },
      {
        id: 'signed-by-other',
        comment: 'A key binding JWT of someone who is not the holder',
        defect: { binding: { signer: agent, header: { kid: wallet.kid } } },
      },
      {
        id: 'kid-of-other',
        comment: 'A key binding JWT that names another key in "kid" than "cnf" does',
        rule: 'R8.15',
        code: 'ERR_MANDATE_KEY_UNRESOLVED',
        flags: ['key-mismatch'],
        defect: { binding: { header: { kid: agent.kid } } },
      },
      {
        id: 'es256-zeros',
        comment: 'The ES256 signature of a key binding JWT is 64 zeros',
        flags: ['weak-signature'],
        defect: { binding: { es256: () => new Uint8Array(64) } },
      },
    ],
  ),
  ...group(
    'key-binding',
    { rule: 'R10.5', code: 'ERR_MANDATE_ML_DSA_65_INVALID', flags: ['key-binding', 'wrong-key'], base: pq },
    [
      {
        id: 'ml-dsa-65-by-issuer',
        comment: 'The ES256 signature is the holder’s, the ML-DSA-65 signature the issuer’s',
        rule: 'R10.2',
        flags: ['promise'],
        defect: { binding: { mldsa65: ({ fingerprint }) => signMlDsa65(fingerprint) } },
      },
      {
        id: 'ml-dsa-65-over-input',
        comment: 'The ML-DSA-65 signature covers the PQ Signing Input, not its fingerprint',
        flags: ['signing-mode'],
        defect: {
          binding: {
            mldsa65: ({ pqSigningInput }) => signMlDsa65(Buffer.from(pqSigningInput), wallet.mldsa65),
          },
        },
      },
      {
        id: 'hybrid-component-by-issuer',
        comment: 'The ES256 component of a hybrid key binding JWT is the issuer’s',
        code: 'ERR_MANDATE_HYBRID_ES256_INVALID',
        flags: ['hybrid'],
        base: hybrid,
        defect: { binding: { component: ({ pqSigningInput }) => signEs256(pqSigningInput) } },
      },
    ],
  ),
];
