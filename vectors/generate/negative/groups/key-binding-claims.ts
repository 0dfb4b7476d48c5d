// SPEC.md §10.3, R10.6: the claims of a key binding JWT.
import { base64url, hex, sha256, wallet } from '../../keys.js';
import { boundClassical, classicalConfirmation } from '../ap2.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { AUDIENCE, NONCE, NOW } from '../chain.js';
import { decoy, disclose, signEs256 } from '../forge.js';
import { padded, withSpareBit } from '../texts.js';

const INVALID = 'ERR_MANDATE_KEY_BINDING_INVALID';
const classical = boundClassical(classicalConfirmation(wallet));

const name = disclose('salt-1', 'name', 'x');
const city = disclose('salt-2', 'city', 'y');
const withDisclosures: Making = {
  ...classical,
  payload: { ...classical.payload, _sd: [name.digest, city.digest] },
  disclosures: [name.encoded, city.encoded],
};

/** The text before the key binding JWT, and the JWT itself. */
const parts = (mandate: string): [sdJwt: string, kbJwt: string] => {
  const at = mandate.lastIndexOf('~') + 1;
  return [mandate.slice(0, at), mandate.slice(at)];
};
/** To the second: by default, start times may be 30 seconds ahead (R6.68). */
const exact: Making = { ...classical, options: { ...classical.options, clockTolerance: 0 } };
const claim = (
  id: string,
  comment: string,
  payload: object,
  flags: NegativeCase['flags'] = [],
  base: Making = classical,
) => ({
  id,
  comment,
  flags,
  base,
  defect: { binding: { payload: { ...payload } } },
});
/** The correct `sd_hash`, modified. */
const hashed = (
  id: string,
  comment: string,
  change: (sdJwt: string) => string,
  base: Making = classical,
) => ({
  id: `sd-hash-${id}`,
  comment,
  base,
  // The key binding JWT is made for the given SD-JWT, but hashes another text.
  defect: { edit: (mandate: string) => rehash(mandate, change) },
});

function rehash(mandate: string, change: (sdJwt: string) => string): string {
  const [sdJwt, kbJwt] = parts(mandate);
  const [header = '', payload = ''] = kbJwt.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  const input = `${header}.${base64url(JSON.stringify({ ...claims, sd_hash: change(sdJwt) }))}`;
  return `${sdJwt}${input}.${base64url(signEs256(input, wallet.scalar))}`;
}
const hash = (text: string): string => base64url(sha256(text));

export const keyBindingClaims = [
  ...group('key-binding', { rule: 'R10.6', code: INVALID, flags: ['key-binding'], base: classical }, [
    claim('iat-missing', 'No "iat"', { iat: undefined }, ['missing-claim']),
    claim('iat-text', 'The "iat" is a string', { iat: String(NOW) }, ['claim-type']),
    claim('iat-future', 'The "iat" is a second ahead', { iat: NOW + 1 }, ['time'], exact),
    claim('iat-old', 'The "iat" is 301 seconds old, where 300 are allowed', { iat: NOW - 301 }, ['time']),
    {
      id: 'iat-older-than-demanded',
      comment: 'The "iat" is 11 seconds old, where the verifier allows ten',
      flags: ['time'],
      base: { ...classical, binding: { ...classical.binding, payload: { iat: NOW - 11 } } },
      defect: { options: { keyBinding: { maxTokenAge: 10 } } },
    },
    claim('aud-missing', 'No "aud"', { aud: undefined }, ['missing-claim']),
    claim('aud-other', 'The "aud" names another verifier', { aud: 'https://evil.example' }, ['claim-value']),
    claim('aud-slash', 'The "aud" has a solidus more', { aud: `${AUDIENCE}/` }, ['claim-value']),
    claim('aud-array', 'The "aud" is an array that names the verifier', { aud: [AUDIENCE] }, ['claim-type']),
    claim('nonce-missing', 'No "nonce"', { nonce: undefined }, ['missing-claim']),
    claim('nonce-other', 'The "nonce" is another', { nonce: 'n-1' }, ['claim-value']),
    claim('nonce-empty', 'The "nonce" is empty', { nonce: '' }, ['claim-value']),
    claim('nonce-array', 'The "nonce" is an array of the right one', { nonce: [NONCE] }, ['claim-type']),
    claim('exp-past', 'The key binding JWT has expired', { exp: NOW }, ['time']),
    claim('nbf-future', 'The key binding JWT is not yet valid', { nbf: NOW + 1 }, ['time'], exact),
    claim('exp-text', 'The "exp" is a string', { exp: String(NOW + 60) }, ['claim-type']),
    claim('valid-until-past', 'A "valid_until" has passed', { valid_until: '2026-05-31T23:59:59Z' }, [
      'time',
    ]),
    claim('sd-hash-missing', 'No "sd_hash"', { sd_hash: undefined }, ['missing-claim']),
    claim('sd-hash-other', 'The "sd_hash" is that of something else', { sd_hash: decoy() }, ['substitution']),
    claim('sd-hash-issuer-jwt-hash', 'An "issuer_jwt_hash", as a hop may have, in place of "sd_hash"', {
      sd_hash: undefined,
      issuer_jwt_hash: decoy(),
    }),
    hashed('spare-bit', 'The "sd_hash" has a bit set that belongs to no byte', (text) =>
      withSpareBit(hash(text)),
    ),
    hashed('padded', 'The "sd_hash" is padded', (text) => padded(hash(text))),
    hashed('hex', 'The "sd_hash" is hexadecimal', (text) => hex(sha256(text))),
    hashed('without-tilde', 'The "sd_hash" leaves out the last tilde', (text) => hash(text.slice(0, -1))),
    hashed(
      'of-jwt',
      'The "sd_hash" covers the JWT alone',
      (text) => hash(text.split('~', 1)[0] as string),
      withDisclosures,
    ),
  ]),
  ...group(
    'key-binding',
    { rule: 'R10.6', code: INVALID, flags: ['key-binding', 'substitution'], base: withDisclosures },
    [
      {
        id: 'disclosure-withheld',
        comment: 'A disclosure was taken out after the holder had signed',
        defect: { edit: (mandate) => mandate.replace(`~${name.encoded}`, '') },
      },
      {
        id: 'disclosures-swapped',
        comment: 'Two disclosures were swapped after the holder had signed',
        defect: {
          edit: (mandate) =>
            mandate.replace(`${name.encoded}~${city.encoded}`, `${city.encoded}~${name.encoded}`),
        },
      },
      {
        id: 'disclosure-added',
        comment: 'A disclosure was added after the holder had signed',
        base: { ...withDisclosures, disclosures: [name.encoded] },
        defect: { edit: (mandate) => mandate.replace(name.encoded, `${name.encoded}~${city.encoded}`) },
      },
    ],
  ),
];
