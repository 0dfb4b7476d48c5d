// The parts of an attempt for a verifier that knows neither chains nor the profile: each token separately, with the right key
// for it.
import type { Attempt } from './case.js';

/** One token. */
export interface Part {
  readonly text: string;
  /** The ES256 key, as a JWK. */
  readonly key: object | null | undefined;
  readonly options: Record<string, unknown>;
}

/** Options that jose does not have. */
const OURS = [
  'policy',
  'limits',
  'minRetentionYears',
  'isRevoked',
  'revocationTimeout',
  'onVerified',
  'keyBinding',
];

/** jose sees JWTs: those of the tokens, without disclosures, and the key binding JWT. */
export function partsForJose(attempt: Attempt): Part[] {
  const parts = partsOf(attempt).map(({ text, key, options }) => ({
    text: text.split('~', 1)[0] as string,
    key,
    options: without(options, OURS),
  }));
  const { keyBinding } = attempt.options;
  if (typeof keyBinding !== 'object' || keyBinding === null) return parts;
  const { audience, maxTokenAge = 300 } = keyBinding as Record<string, unknown>;
  const bound: Part = {
    text: attempt.mandate.slice(attempt.mandate.lastIndexOf('~') + 1),
    key: confirmedKey(attempt.mandate),
    options: without({ ...clockOf(attempt), audience, maxTokenAge, typ: 'kb+jwt' }, []),
  };
  return [...parts, bound];
}

/** @sd-jwt/core sees SD-JWTs: a receipt is one without disclosures. */
export const partsForSdJwtCore = (attempt: Attempt): Part[] =>
  partsOf(attempt).map((part) => ({ ...part, text: part.text.includes('~') ? part.text : `${part.text}~` }));

function partsOf({ verify = 'mandate', mandate, keys, options }: Attempt): Part[] {
  if (verify === 'mandate') return [{ text: mandate, key: keys.es256, options }];
  const clock = clockOf({ options });
  const { issuer, typ, audience, maxTokenAge } = options;
  if (verify === 'receipt' || verify === 'checkoutJwt')
    return [{ text: mandate, key: keys.es256, options: { ...clock, issuer } }];
  const texts = mandate.split('~~');
  return texts.map((text, index) => {
    const isLast = index === texts.length - 1;
    const before = texts[index - 1];
    const root = { issuer, typ };
    const last = { audience, maxTokenAge };
    return {
      text: isLast ? text : `${text}~`,
      key: before === undefined ? keys.es256 : confirmedKey(before),
      options: { ...clock, ...(index === 0 && root), ...(index > 0 && isLast && last) },
    };
  });
}

const clockOf = ({ options }: Pick<Attempt, 'options'>) => ({
  currentDate: options.currentDate,
  clockTolerance: options.clockTolerance,
});

const without = (options: Record<string, unknown>, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).filter(([name, value]) => !names.includes(name) && value !== undefined),
  );

/** The `jwk` of the first `cnf` in a token, in the payload or in a disclosure. */
export function confirmedKey(token: string): object | undefined {
  const [jwt = '', ...disclosures] = token.split('~');
  const texts = [jwt.split('.')[1] ?? '', ...disclosures];
  for (const text of texts) {
    const value = parsed(text);
    const holder = Array.isArray(value) ? value.at(-1) : value;
    const jwk = holder?.cnf?.jwk;
    if (typeof jwk === 'object' && jwk !== null) return jwk;
  }
  return undefined;
}

function parsed(text: string) {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
