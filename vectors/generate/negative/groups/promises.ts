// SPEC.md §10.2, R10.2 to R10.4: the promise of `pq_cnf` about the key binding JWT, and how its key is found.
import { agent, base64url, publicKeys, wallet } from '../../keys.js';
import {
  akpJwk,
  boundClassical,
  boundWithPq,
  boundByThumbprint as byThumbprint,
  classicalConfirmation,
  confirmation as confirmed,
  ecJwk,
  thumbprintOf,
} from '../ap2.js';
import { group, type Making } from '../case.js';
import { HYBRID, headerOf } from '../forge.js';
import { replaced } from '../texts.js';

const classical = boundClassical(classicalConfirmation(wallet));
const pq = boundWithPq(confirmed(wallet));
const quantumSafe = (making: Making, policy: string): Making => ({
  ...making,
  classical: false,
  keys: {},
  options: { ...making.options, policy },
});
const found = (id: string, comment: string, thumbprints: unknown, code = 'ERR_MANDATE_KEY_UNRESOLVED') => ({
  id: `thumbprint-${id}`,
  comment,
  rule: 'R10.4',
  code,
  base: byThumbprint,
  defect: { options: { keyBinding: { thumbprints } } },
});

/** RFC 9901 §4.3 over a hybrid: the component in place of the outer signature, and no `pq_sig` (SPEC.md §12). */
function strip(mandate: string): string {
  const at = mandate.lastIndexOf('~') + 1;
  const kbJwt = mandate.slice(at);
  const { pq_sig, ...header } = headerOf(kbJwt);
  const component = Buffer.from(pq_sig, 'base64url').subarray(0, 64);
  const payload = kbJwt.split('.')[1];
  return `${mandate.slice(0, at)}${base64url(JSON.stringify(header))}.${payload}.${base64url(component)}`;
}

export const promises = [
  ...group(
    'confirmation',
    { rule: 'R10.4', code: 'ERR_MANDATE_KEY_UNRESOLVED', flags: ['confirmation', 'wrong-key'] },
    [
      found('not-resolvable', 'A thumbprint, and nothing that could find its key', undefined),
      found('unknown', 'A thumbprint whose key is not found', {}),
      found('of-other-key', 'What is found under a thumbprint is another key', {
        [thumbprintOf(wallet)]: akpJwk(agent),
      }),
      found('of-ec-key', 'What is found under a thumbprint is the EC key', {
        [thumbprintOf(wallet)]: ecJwk(wallet),
      }),
      found(
        'private',
        'What is found under a thumbprint is the private key',
        { [thumbprintOf(wallet)]: wallet.privateKeys.mldsa65 },
        'ERR_MANDATE_KEY_INVALID',
      ),
      found('text', 'What is found under a thumbprint is a string', {
        [thumbprintOf(wallet)]: akpJwk(wallet).pub,
      }),
      {
        id: 'kids-differ',
        comment: 'The keys in "cnf" and "pq_cnf" have two "kid"',
        rule: 'R8.15',
        flags: ['key-mismatch'],
        base: pq,
        defect: { payload: { pq_cnf: { jwk: { ...akpJwk(wallet), kid: agent.kid } } } },
      },
    ],
  ),
  ...group(
    'confirmation',
    { rule: 'R10.2', code: 'ERR_MANDATE_PQ_REQUIRED', flags: ['promise', 'downgrade'] },
    [
      {
        id: 'promise-broken-under-pq-optional',
        comment: 'A "pq_cnf", and a classical-only key binding JWT, under pq-optional',
        base: pq,
        defect: { binding: { classical: true } },
      },
      {
        id: 'promise-broken-under-pq-required',
        comment: 'The same under pq-required, by thumbprint',
        base: quantumSafe(byThumbprint, 'pq-required'),
        defect: { binding: { classical: true } },
      },
      {
        id: 'promise-broken-under-pq-only',
        comment: 'The same under pq-only, by thumbprint',
        base: quantumSafe(byThumbprint, 'pq-only'),
        defect: { binding: { classical: true } },
      },
      {
        id: 'promise-stripped',
        comment: 'The key binding JWT was a hybrid, and is cut down to its ES256 component',
        code: 'ERR_MANDATE_PQ_SIG_MISSING',
        flags: ['stripping'],
        base: { ...pq, binding: { pqAlg: HYBRID } },
        defect: { edit: strip },
      },
      {
        id: 'promise-to-other-key',
        comment: 'The key in "pq_cnf" is not the one that the key binding JWT is signed with',
        code: 'ERR_MANDATE_ML_DSA_65_INVALID',
        flags: ['wrong-key'],
        base: pq,
        defect: { payload: { pq_cnf: { jwk: { ...akpJwk(wallet), pub: publicKeys.mldsa65.pub } } } },
      },
      {
        id: 'pq-cnf-removed-from-payload',
        comment: 'The "pq_cnf" was cut out of the payload after it was signed',
        rule: 'R6.24',
        code: 'ERR_MANDATE_ES256_INVALID',
        flags: ['substitution'],
        base: pq,
        defect: { edit: (mandate) => replacePayload(mandate, ({ pq_cnf: _, ...rest }) => rest) },
      },
    ],
  ),
  ...group('confirmation', { rule: 'R10.3', code: 'ERR_MANDATE_PQ_REQUIRED', flags: ['promise', 'policy'] }, [
    {
      id: 'no-promise-under-pq-required',
      comment:
        'No "pq_cnf", and a classical-only key binding JWT for a mandate with ML-DSA-65, under pq-required',
      base: quantumSafe(classical, 'pq-optional'),
      defect: { options: { policy: 'pq-required' } },
    },
    {
      id: 'no-promise-under-pq-only',
      comment: 'The same under pq-only',
      base: quantumSafe(classical, 'pq-optional'),
      defect: { options: { policy: 'pq-only' } },
    },
    {
      id: 'no-promise-and-pq-sig',
      comment: 'No "pq_cnf", and a key binding JWT with ML-DSA-65: by whose key, nothing says',
      code: 'ERR_MANDATE_KEY_UNRESOLVED',
      flags: ['wrong-key'],
      base: classical,
      defect: { binding: { classical: false } },
    },
  ]),
];

function replacePayload(mandate: string, change: (claims: Record<string, unknown>) => object): string {
  const encoded = mandate.split('.')[1] as string;
  const claims = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
  return replaced(mandate, encoded, base64url(JSON.stringify(change(claims))));
}
