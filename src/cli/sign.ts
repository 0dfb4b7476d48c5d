import type { JsonObject } from '../encoding/json.js';
import { mandateIdOf } from '../mandate/id.js';
import { signMandate } from '../mandate/sign.js';
import type { DisclosureFrame } from '../sd-jwt/frame.js';
import type { Command } from './command.js';
import { holdsPrivateKeys } from './content.js';
import { refuse, usage } from './errors.js';
import { fileName, put, readJsonObject } from './files.js';
import { PRIVATE_KEY_OPTIONS, readPrivateKeys } from './keys.js';

const PQ_ALGS = ['ML-DSA-65', 'ES256+ML-DSA-65'] as const;

/** A claim that limits the lifetime of the mandate. */
const hasEnd = ({ exp, valid_until: validUntil }: JsonObject): boolean =>
  exp !== undefined || validUntil !== undefined;

export const sign: Command = {
  input: 'own',
  operands: '[CLAIMS|-]',
  options: {
    ...PRIVATE_KEY_OPTIONS,
    'pq-alg': { kind: 'one', value: 'ALG', help: `${PQ_ALGS.join(' or ')}; default ${PQ_ALGS[0]}` },
    'expires-in': {
      kind: 'one',
      value: 'SPAN',
      help: 'sets "iat" to now, and "exp" later by this time span, with its unit: 15m, 1h, 30d',
    },
    jti: { kind: 'flag', help: 'sets a random "jti"' },
    at: { kind: 'one', value: 'TIME', help: 'the time of issuance; default now', aliases: ['current-date'] },
    disclose: {
      kind: 'many',
      value: 'NAMES',
      help: 'claims to make selectively disclosable, separated by commas',
    },
    'disclosure-frame': {
      kind: 'one',
      value: 'FILE',
      help: 'instead: the frame as JSON, for nested claims',
    },
    kid: { kind: 'one', value: 'KID', help: 'the "kid" of the keys, if their files have none' },
    typ: { kind: 'one', value: 'TYPE', help: 'the header parameter "typ"', aliases: ['type'] },
    out: { kind: 'one', value: 'FILE', help: 'output file; default standard output' },
    force: { kind: 'flag', help: 'overwrite the file of --out' },
  },
  async run(io, given) {
    const path = given.file('the file of the claims');
    const keys = await readPrivateKeys(io, given, given.one('kid'));
    const claims = await readJsonObject(io, path, 'CLAIMS');
    if (holdsPrivateKeys(claims))
      refuse(
        'ERR_CLI_DOCUMENT',
        'CLAIMS',
        `${fileName(path)} has keys: private keys do not belong in a mandate`,
      );
    const names = given.list('disclose');
    const frameFile = given.one('disclosure-frame');
    if (names !== undefined && frameFile !== undefined)
      usage('--disclose', 'give either --disclose or --disclosure-frame, not both');
    const frame =
      frameFile === undefined
        ? names && { _sd: names }
        : await readJsonObject(io, frameFile, '--disclosure-frame');
    const [pqAlg, typ, expiresIn] = [
      given.choice('pq-alg', PQ_ALGS),
      given.one('typ'),
      given.span('expires-in'),
    ];
    const mandate = await signMandate(claims, keys, {
      ...(pqAlg !== undefined && { pqAlg }),
      ...(expiresIn !== undefined && { expiresIn }),
      ...(given.has('jti') && { jti: true }),
      ...(given.has('at') && { currentDate: given.date('at') }),
      ...(frame !== undefined && { disclosureFrame: frame as DisclosureFrame<JsonObject> }),
      ...(typ !== undefined && { header: { typ } }),
    });
    if (expiresIn === undefined && !hasEnd(claims))
      io.stderr.write('note: the mandate never expires: it has no "exp". --expires-in 15m sets one.\n');
    else if (typeof claims.exp === 'number' && claims.exp * 1000 <= Date.now() && !given.has('at'))
      io.stderr.write(
        'note: the mandate has expired already: "exp" is seconds since 1970, and in the past.\n',
      );
    const out = given.one('out');
    const result = { mandate, mandateId: mandateIdOf(mandate) ?? null, length: mandate.length };
    if (given.has('json') && out === undefined) return { ok: true, result, people: () => [] };
    const lines = await put(io, out, mandate, given.has('force'));
    return { ok: true, result, people: () => lines };
  },
};
