import type { VerifyMandateOptions } from '../../../src/index.js';
import { judge } from '../../../test/model/rfc9901.js';
import type { Library } from '../library.js';
import { present } from '../packing.js';
import { once, oneOf, type Random } from '../random.js';
import { bytesOf, Disagreement, latin1Of, type Target } from '../target.js';
import { mutateText } from '../text-mutations.js';
import { checkAccepted, checkRefused, mutatePacked, packedSeeds } from './disclosures.js';

/**
 * The parts of a mandate. In the header, `"#4412"` represents a signature of this many characters; the payload and the
 * disclosures refer to each other as in a packing. Header and payload are bytes, written as U+0000 to U+00FF.
 */
export type Parts = {
  readonly header: string;
  readonly payload: string;
  readonly disclosures: readonly string[];
  readonly signature: string;
  readonly keyBinding: string;
  /** Which of {@link OPTIONS}. */
  readonly options: number;
};

const CLASSICAL = '{"alg":"ES256","kid":"k"}';
const PURE = '{"alg":"ES256","kid":"k","pq_alg":"ML-DSA-65","pq_sig":"#4412"}';
const HYBRID = '{"alg":"ES256","kid":"k","pq_alg":"ES256+ML-DSA-65","pq_sig":"#4498","typ":"mandate+sd-jwt"}';
const COPY = '{"_sd_alg":"sha-256","alg":"ES256","b64":true,"cty":"a","x5c":["AA=="]}';
const SIGNATURE = '#86';

const at = new Date('2026-05-01T12:00:00Z');
const OPTIONS: readonly VerifyMandateOptions[] = [
  { policy: 'pq-optional' },
  {},
  {
    policy: 'pq-only',
    limits: { maxMandateLength: 8000, maxDisclosures: 3, maxDepth: 6, maxHeaderLength: 7000 },
  },
  {
    policy: 'pq-optional',
    currentDate: at,
    clockTolerance: '5 minutes',
    maxTokenAge: '1 day',
    requiredClaims: ['amount'],
  },
  {
    policy: 'pq-optional',
    issuer: 'https://bank.example',
    audience: ['a', 'b'],
    subject: 's',
    typ: 'mandate',
  },
  {
    policy: 'pq-optional',
    currentDate: at,
    minRetentionYears: 7,
    isRevoked: () => false,
    onVerified: () => {},
  },
];

const CLAIMS = [
  ...[
    '"exp":1777636800',
    '"nbf":0',
    '"iat":1777636700.5',
    '"iat":-1e300',
    '"aud":["a"]',
    '"aud":"b"',
    '"sub":"s"',
    '"jti":"x"',
  ],
  ...[
    '"valid_from":"2026-04-01T00:00:00Z"',
    '"valid_until":"2026-05-01T23:59:60+23:59"',
    '"issued_at":"2026-05-01T00:00:00.000Z"',
  ],
  ...[
    '"retention_metadata":{"policy":"p","retention_until":"2033-05-01T00:00:00.000Z"}',
    '"exp":"1"',
    '"valid_until":5',
    '"iss":7',
  ],
];

/** verifyMandate with stub verifiers that accept everything, so that every mutant reaches all steps. */
export const verifyTarget = ({ api, limits }: Library): Target<Parts> => ({
  name: 'verify',
  seeds: async () =>
    packedSeeds().flatMap((packed, index) => ({
      ...{ ...packed, payload: latin1Of(packed.payload), signature: SIGNATURE, keyBinding: '' },
      header: [CLASSICAL, PURE, HYBRID, COPY][index % 4] as string,
      options: index % OPTIONS.length,
    })),
  mutate: mutateParts,
  size: (parts) => assemble(parts, parts.payload, present(parts).disclosures).length,
  run: async (parts, call) => {
    const sent = present({
      ...parts,
      payload: Buffer.from(bytesOf(parts.payload)).toString('utf8'),
    });
    const options = OPTIONS[parts.options % OPTIONS.length] as VerifyMandateOptions;
    const maxDepth = options.limits?.maxDepth ?? limits.maxDepth;
    const judgement = judge({ ...sent, maxDepth });
    const keys = { es256: () => true, mldsa65: () => true };
    try {
      const token = assemble(parts, sent.payload, sent.disclosures);
      const { payload } = await call(() => api.verifyMandate(token, keys, options));
      checkAccepted(judgement, payload);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === undefined) throw error;
      if (STEP_8.test(code)) throw checkRefused(judgement, error as Error & { code: string });
      if (AFTER_STEP_8.test(code) && judgement.processed === undefined)
        throw new Disagreement(`${code}, although the disclosures break a rule`);
      throw error;
    }
  },
});

const STEP_8 = /^ERR_MANDATE_(?:SD_ALG|DIGEST|DISCLOSURE)/;
const AFTER_STEP_8 = /^ERR_JWT|^ERR_MANDATE_(?:RETENTION|REVO|HOOK|KEY_BINDING)/;

/** Signature text in place of its length. */
const expand = (text: string): string =>
  text.replace(/#(\d{1,4})/g, (_, length) => 'A'.repeat(Number(length)));

/** The token. Bytes that are not UTF-8 are kept unchanged; then there are no digests to insert. */
function assemble(parts: Parts, payload: string, disclosures: readonly string[]): string {
  const raw = bytesOf(parts.payload);
  const isText = Buffer.from(Buffer.from(raw).toString('utf8')).equals(raw);
  const segments = [bytesOf(expand(parts.header)), isText ? Buffer.from(payload) : raw];
  const jwt = [
    ...segments.map((bytes) => Buffer.from(bytes).toString('base64url')),
    expand(parts.signature),
  ].join('.');
  return [jwt, ...disclosures, parts.keyBinding].join('~');
}

function mutateParts(parts: Parts, other: Parts, random: Random): Parts {
  switch (random.int(8)) {
    case 0:
      return { ...parts, header: mutateText(parts.header, other.header, random) };
    case 1:
      return {
        ...parts,
        header: oneOf(random, [CLASSICAL, PURE, HYBRID, COPY]),
        options: random.int(OPTIONS.length),
      };
    case 2:
      return once(random, 4)
        ? { ...parts, signature: oneOf(random, [SIGNATURE, '#85', '#87', '#84BA', '']) }
        : { ...parts, keyBinding: oneOf(random, ['', 'a.b.c', 'AA.AA.AA', '~', 'x']) };
    case 3:
    case 4:
      return {
        ...parts,
        payload: parts.payload.replace(/\{/, `{${oneOf(random, CLAIMS)},`),
        options: random.int(OPTIONS.length),
      };
    default: {
      const packed = mutatePacked(
        { ...parts, payload: Buffer.from(bytesOf(parts.payload)).toString('utf8') },
        other,
        random,
      );
      return { ...parts, disclosures: packed.disclosures, payload: latin1Of(packed.payload) };
    }
  }
}
