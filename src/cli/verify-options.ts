import { isJsonObject } from '../encoding/json.js';
import type { VerifyMandateOptions } from '../mandate/verify.js';
import { DEFAULT_LIMITS, type MandateLimits } from '../profile.js';
import { createRevocationList, type RevocationEntry } from '../revocation/list.js';
import type { Given, OptionForms } from './arguments.js';
import { refuse, usage } from './errors.js';
import { fileName, readJsonFile } from './files.js';
import { foundValue } from './found-value.js';
import { holderKeys, PUBLIC_KEY_OPTIONS } from './keys.js';
import type { Io } from './terminal.js';

const POLICIES = ['pq-required', 'pq-optional', 'pq-only'] as const;

/** Options of every verification, named like the options of the library. */
export const DEMAND_OPTIONS: OptionForms = {
  ...PUBLIC_KEY_OPTIONS,
  policy: { kind: 'one', value: 'POLICY', help: `${POLICIES.join(', ')}; default ${POLICIES[0]}` },
  issuer: {
    kind: 'many',
    value: 'ISS',
    help: 'expected "iss"; if given several times, one of them',
  },
  typ: { kind: 'one', value: 'TYPE', help: 'expected header "typ"', aliases: ['type'] },
  at: { kind: 'one', value: 'TIME', help: 'verify as of that time; default now', aliases: ['current-date'] },
  'clock-tolerance': { kind: 'one', value: 'SPAN', help: 'tolerated clock skew, with its unit, such as 30s' },
  'required-claims': {
    kind: 'many',
    value: 'NAMES',
    help: 'claims that must be present, separated by commas',
  },
  limit: { kind: 'many', value: 'NAME=N', help: 'a limit other than the default, such as maxDisclosures=64' },
  'revocation-list': {
    kind: 'one',
    value: 'FILE',
    help: 'revoked mandates: a JSON array of mandateIds or of [mandateId, expiresAt]; identities name classical ones',
  },
};

export const HOLDER_OPTIONS: OptionForms = {
  'holder-keys': {
    kind: 'one',
    value: 'FILE',
    help: 'a JWK Set with the keys that "pq_cnf" names by thumbprint',
  },
};

/** Additional options for a single mandate. */
export const MANDATE_OPTIONS: OptionForms = {
  ...DEMAND_OPTIONS,
  audience: { kind: 'many', value: 'AUD', help: 'expected "aud", one of several' },
  subject: { kind: 'one', value: 'SUB', help: 'expected "sub"' },
  'max-token-age': { kind: 'one', value: 'SPAN', help: 'maximum age by "iat", with its unit, such as 1d' },
  'min-retention-years': {
    kind: 'one',
    value: 'YEARS',
    help: 'demands retention_metadata for at least this many years',
  },
  'key-binding-audience': {
    kind: 'many',
    value: 'AUD',
    help: 'demands a key binding JWT with this "aud"',
    required: 'with --key-binding-nonce',
  },
  'key-binding-nonce': {
    kind: 'one',
    value: 'NONCE',
    help: 'and this "nonce"',
    required: 'with --key-binding-audience',
  },
  ...HOLDER_OPTIONS,
  'key-binding-max-token-age': { kind: 'one', value: 'SPAN', help: 'and of at most this age; default 5m' },
};

const oneOrMore = (values: readonly string[]): string | string[] =>
  values.length === 1 ? (values[0] as string) : [...values];

type Shared = Pick<
  VerifyMandateOptions,
  'policy' | 'issuer' | 'typ' | 'currentDate' | 'clockTolerance' | 'requiredClaims' | 'limits' | 'isRevoked'
>;

/** The demands on mandates and chains. */
export async function readDemands(io: Io, given: Given): Promise<Shared> {
  const policy = given.choice('policy', POLICIES);
  const typ = given.one('typ');
  const currentDate = given.date('at');
  const tolerance = given.span('clock-tolerance');
  const requiredClaims = given.list('required-claims');
  const limits = readLimits(given);
  const list = given.one('revocation-list');
  return {
    ...(policy !== undefined && { policy }),
    ...(given.has('issuer') && { issuer: oneOrMore(given.many('issuer')) }),
    ...(typ !== undefined && { typ }),
    ...(currentDate !== undefined && { currentDate }),
    ...(tolerance !== undefined && { clockTolerance: tolerance }),
    ...(requiredClaims !== undefined && { requiredClaims }),
    ...(limits !== undefined && { limits }),
    ...(list !== undefined && {
      isRevoked: await readRevocationList(io, list, given.has('at-member') ? new Date(0) : currentDate),
    }),
  };
}

/** All demands on a single mandate. */
export async function readMandateOptions(io: Io, given: Given): Promise<VerifyMandateOptions> {
  const subject = given.one('subject');
  const maxTokenAge = given.span('max-token-age');
  const years = given.integer('min-retention-years');
  return {
    ...(await readDemands(io, given)),
    ...(given.has('audience') && { audience: oneOrMore(given.many('audience')) }),
    ...(subject !== undefined && { subject }),
    ...(maxTokenAge !== undefined && { maxTokenAge }),
    ...(years !== undefined && { minRetentionYears: years }),
    ...(await readKeyBinding(io, given)),
  };
}

async function readKeyBinding(io: Io, given: Given): Promise<Pick<VerifyMandateOptions, 'keyBinding'>> {
  const [audience, nonce] = [given.many('key-binding-audience'), given.one('key-binding-nonce')];
  const maxTokenAge = given.span('key-binding-max-token-age');
  if (audience.length === 0 && nonce === undefined && maxTokenAge === undefined) return {};
  if (audience.length === 0 || nonce === undefined)
    return usage(
      '--key-binding-nonce',
      '--key-binding-audience and --key-binding-nonce must be given together',
    );
  return {
    keyBinding: {
      resolveThumbprint: await holderKeys(io, given),
      audience: oneOrMore(audience),
      nonce,
      ...(maxTokenAge !== undefined && { maxTokenAge }),
    },
  };
}

function readLimits(given: Given): Partial<MandateLimits> | undefined {
  if (!given.has('limit')) return undefined;
  return Object.fromEntries(
    given.many('limit').map((text) => {
      const [, name, number] = /^(\w+)=(\d{1,15})$/.exec(text) ?? [];
      if (name === undefined)
        return usage(
          '--limit',
          `--limit must be a name and a number, such as maxDisclosures=64; ${foundValue(text)}`,
        );
      if (!Object.hasOwn(DEFAULT_LIMITS, name))
        return usage(
          '--limit',
          `--limit must name one of ${Object.keys(DEFAULT_LIMITS).join(', ')}; ${foundValue(name)}`,
        );
      return [name, Number(number)];
    }),
  );
}

/** For a past time, an entry counts even if its mandate has expired since. */
async function readRevocationList(io: Io, path: string, currentDate: Date | undefined) {
  const document = await readJsonFile(io, path, '--revocation-list');
  const entries = Array.isArray(document) ? document : isJsonObject(document) ? document.entries : undefined;
  if (!Array.isArray(entries))
    return refuse('ERR_CLI_DOCUMENT', '--revocation-list', `${fileName(path)} must be a JSON array`);
  const now = currentDate?.getTime();
  return createRevocationList(
    entries as unknown as RevocationEntry[],
    now === undefined ? undefined : { now: () => now },
  ).isRevoked;
}
