// SPEC.md §6 steps 1 and 10: the compact form.
import { base64url, publicKeys, sha256 } from '../../keys.js';
import { group } from '../case.js';
import { change, disclose, forge, jcs, signEs256, split } from '../forge.js';

const name = disclose('salt-1', 'name', 'x');
const withDisclosure = { payload: { _sd: [name.digest] }, disclosures: [name.encoded] };

/** RFC 9901 §8: the same mandate as a flattened JWS JSON serialization. */
function jsonSerialization(mandate: string): string {
  const { header, payload, signature } = split(mandate);
  return JSON.stringify({ payload, protected: header, signature, header: { disclosures: [] } });
}

/** RFC 9901 §4.3: a valid key binding JWT. */
function keyBindingJwt(sdJwt: string): string {
  const header = { alg: 'ES256', typ: 'kb+jwt' };
  const claims = {
    aud: 'https://shop.example',
    iat: 1_780_272_000,
    nonce: 'n-1',
    sd_hash: base64url(sha256(sdJwt)),
  };
  const input = `${base64url(jcs(header))}.${base64url(jcs(claims))}`;
  return `${input}.${base64url(signEs256(input))}`;
}

const { kty, crv, x, y } = publicKeys.es256;
const holder = { payload: { cnf: { jwk: { kty, crv, x, y } } } };

export const structure = [
  ...group(
    'structure',
    { rule: 'R6.6', code: 'ERR_MANDATE_MALFORMED', flags: ['verifier', 'compact-form'] },
    [
      { id: 'empty', comment: 'An empty text', defect: { edit: () => '' } },
      { id: 'tilde-alone', comment: 'A tilde and nothing else', rule: 'R6.9', defect: { edit: () => '~' } },
      {
        id: 'no-tilde',
        comment: 'A JWS without the tilde that makes it an SD-JWT',
        defect: { edit: (mandate) => mandate.slice(0, -1) },
      },
      {
        id: 'no-last-tilde',
        comment:
          'No tilde behind the last disclosure, which thereby stands in the place of a key binding JWT',
        rule: 'R6.71',
        base: withDisclosure,
        defect: { edit: (mandate) => mandate.slice(0, -1) },
      },
      {
        id: 'truncated',
        comment: 'The first half of a mandate',
        defect: { edit: (mandate) => mandate.slice(0, mandate.length / 2) },
      },
      {
        id: 'bearer',
        rule: 'R6.67',
        comment: 'What stands in a header of HTTP before the mandate',
        defect: { edit: (mandate) => `Bearer ${mandate}` },
      },
      {
        id: 'json-serialization',
        comment: 'The mandate in the flattened JWS JSON serialization of RFC 9901 §8',
        defect: { edit: jsonSerialization },
      },
      {
        id: 'two-segments',
        comment: 'The third segment and its dot are missing',
        rule: 'R6.9',
        defect: { edit: (mandate) => mandate.replace(/\.[^.]*~$/, '~') },
      },
      {
        id: 'fourth-segment-empty',
        comment: 'A dot behind the third segment',
        rule: 'R6.9',
        defect: { edit: (mandate) => mandate.replace('~', '.~') },
      },
      {
        id: 'five-segments',
        comment: 'Five segments, as a JWE has',
        rule: 'R6.9',
        defect: { edit: (mandate) => mandate.replace('~', '.AAAA.AAAA~') },
      },
      {
        id: 'header-empty',
        comment: 'The first segment is empty',
        rule: 'R6.11',
        defect: { edit: (mandate) => change(mandate, () => ({ header: '' })) },
      },
      {
        id: 'payload-empty',
        comment: 'The second segment is empty, and everything is signed over it',
        rule: 'R6.11',
        defect: { payloadText: '' },
      },
      {
        id: 'signature-empty',
        comment: 'The third segment is empty, as in an unsecured JWT',
        rule: 'R6.12',
        defect: { edit: (mandate) => change(mandate, () => ({ signature: '' })) },
      },
      {
        id: 'space-before',
        comment: 'A space before the mandate',
        rule: 'R2.1',
        defect: { edit: (mandate) => ` ${mandate}` },
      },
      {
        id: 'bom-before',
        comment: 'A byte order mark before the mandate',
        rule: 'R2.1',
        defect: { edit: (mandate) => `\uFEFF${mandate}` },
      },
      {
        id: 'line-end-after',
        comment: 'A line end behind the last tilde',
        rule: 'R6.71',
        defect: { edit: (mandate) => `${mandate}\n` },
      },
      {
        id: 'quoted',
        comment: 'The mandate in quotation marks, as a JSON string',
        rule: 'R6.67',
        defect: { edit: (mandate) => JSON.stringify(mandate) },
      },
      {
        id: 'empty-disclosure',
        comment: 'Two tildes in a row: an empty disclosure before another one',
        rule: 'R6.8',
        base: withDisclosure,
        defect: { edit: (mandate) => mandate.replace('~', '~~') },
      },
      {
        id: 'empty-disclosure-last',
        comment: 'Two tildes at the end: an empty disclosure behind another one',
        rule: 'R6.8',
        base: withDisclosure,
        defect: { edit: (mandate) => `${mandate}~` },
      },
      {
        id: 'joined',
        comment: 'Two mandates joined by two tildes, as a delegation chain joins tokens',
        rule: 'R6.8',
        defect: { edit: (mandate) => `${mandate}~${forge({ payload: { hop: 1 } })}` },
      },
    ],
  ),
  ...group(
    'structure',
    { rule: 'R6.71', code: 'ERR_MANDATE_MALFORMED', flags: ['verifier', 'key-binding'] },
    [
      {
        id: 'key-binding-of-two-segments',
        comment: 'What follows the last tilde has two segments',
        base: holder,
        defect: { keyBindingJwt: (sdJwt) => keyBindingJwt(sdJwt).split('.').slice(0, 2).join('.') },
      },
      {
        id: 'key-binding-padded',
        comment: 'What follows the last tilde has base64 padding',
        base: holder,
        defect: { keyBindingJwt: (sdJwt) => `${keyBindingJwt(sdJwt)}==` },
      },
      {
        id: 'key-binding-unexpected',
        comment: 'A proper key binding JWT that nobody asked for',
        rule: 'R6.54',
        code: 'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
        base: holder,
        defect: { keyBindingJwt },
      },
      {
        id: 'key-binding-not-verified',
        comment: 'A key binding JWT with a signature of zeros',
        rule: 'R6.54',
        code: 'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
        base: holder,
        defect: {
          keyBindingJwt: (sdJwt) => keyBindingJwt(sdJwt).replace(/[^.]*$/, 'A'.repeat(86)),
        },
      },
    ],
  ),
];
