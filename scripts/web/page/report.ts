// The report on a text: the verdict, who signed what, the checks, the claims. It does not use the DOM.
import {
  decodeMandateChain,
  type VerifiedHop,
  verifyCheckoutJwt,
  verifyDirectMandate,
  verifyMandateChain,
  verifyOpenMandateChain,
  verifyReceipt,
} from '../../../src/ap2/index.js';
import { REMEDIES } from '../../../src/cli/remedies.js';
import { type EvidenceReport, verifyEvidence } from '../../../src/evidence/index.js';
import {
  decodeMandate,
  type SignatureReport,
  type UnverifiedMandate,
  verifyMandate,
} from '../../../src/index.js';
import {
  FieldError,
  isObject,
  type Kind,
  type Question,
  readKeys,
  readOptions,
  recognize,
  refusePrivateKeys,
} from './question.js';

/** Maps each error code to the rules of SPEC.md that name it. The build inserts it. */
declare const RULES: Readonly<Record<string, string>>;

/** One token, with its signer and the party that it names. */
export interface Step {
  readonly title: string;
  readonly signer: string;
  readonly to: string;
  readonly type: string;
  readonly characters: number;
  /** Thumbprints of the keys whose signatures are valid. */
  readonly keys: { readonly es256?: string | undefined; readonly mldsa65?: string | undefined };
  /** Absent if the token was not fully verified. */
  readonly signatures?: SignatureReport | undefined;
  /** The post-quantum algorithm that the header names. */
  readonly pqAlg: string | undefined;
  readonly disclosed: readonly string[];
  /** Digests without a disclosure: withheld claims and decoys. */
  readonly withheld: number;
  readonly claims: object;
}

export interface Check {
  readonly status: 'passed' | 'failed' | 'open';
  readonly what: string;
  readonly rules: string;
}

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly rules: string;
  readonly field?: keyof Question | undefined;
}

export interface Report {
  readonly outcome: 'accepted' | 'unauthorized' | 'refused';
  readonly kind: Kind | undefined;
  readonly quantumSafe: boolean | undefined;
  readonly headline: string;
  readonly problem?: Problem | undefined;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly steps: readonly Step[];
  readonly checks: readonly Check[];
  readonly claims?: object | undefined;
}

/** Verifies the input. It never throws: failures are in the report. */
export async function judge(question: Question): Promise<Report> {
  const text = question.text.trim();
  let kind: Kind | undefined;
  try {
    refusePrivateKeys(question);
    if (text === '')
      throw new FieldError(
        'text',
        'Paste a mandate, a chain, a receipt or an evidence file, or drop its file here.',
      );
    kind = question.kind === 'auto' ? recognize(text) : question.kind;
    const keys = readKeys(question.keys);
    return await VERIFY[kind](text, keys as never, readOptions(question, kind));
  } catch (error) {
    return refused(kind, text, error);
  }
}

const passed = (what: string, rules: string): Check => ({ status: 'passed', what, rules });

const SIGNED: readonly Check[] = [
  passed('Structure: strict compact form, base64url and JSON', '§2.2, §2.3, R6.5–R6.12'),
  passed('Protected header: its parameters, its canonical form', '§4, R6.13–R6.18'),
  passed('Policy: the post-quantum signature that it demands is there', 'R6.20, §7'),
  passed('Keys: found, of the right kind', 'R6.21–R6.23, §8'),
];

const signatureChecks = ({ es256, hybridEs256, mldsa65 }: SignatureReport, of = ''): Check[] =>
  (
    [
      ['ES256', es256, 'R6.24'],
      ['ES256 component of the hybrid', hybridEs256, 'R6.25'],
      ['ML-DSA-65', mldsa65, 'R6.26'],
    ] as const
  )
    .filter(([, status]) => status !== 'absent')
    .map(([name, status, rules]) => ({
      status: status === 'valid' ? 'passed' : status === 'invalid' ? 'failed' : 'open',
      what: `${of}${name} signature: ${status === 'not-checked' ? 'not checked' : status}`,
      rules,
    }));

type Verification = (text: string, keys: never, options: Record<string, unknown>) => Promise<Report>;

const VERIFY: Readonly<Record<Kind, Verification>> = {
  mandate: async (text, keys, options) => {
    const found = await verifyMandate<Record<string, unknown>>(text, keys, options);
    const token = decodeMandate(text);
    const { keyBinding, mandateId, identity, policy, payload, quantumSafe, signatures } = found;
    const audience = keyBinding === undefined ? 'whoever holds it' : 'this verifier, by key binding';
    return {
      ...accepted('mandate', quantumSafe),
      facts: facts({ policy, mandateId, identity, subject: payload.sub }),
      steps: [
        {
          ...stepOf(token, 'the mandate', issuerOf(payload), audience),
          ...verifiedPart(found),
          claims: payload,
        },
      ],
      checks: [
        ...SIGNED,
        ...signatureChecks(signatures),
        passed('Disclosures: each belongs to this mandate, once', 'R6.28–R6.39'),
        passed('Claims: times, issuer, type, what else was demanded', 'R6.40–R6.64'),
        keyBinding === undefined
          ? { status: 'open', what: 'Key binding: not demanded, and there is none', rules: 'R6.6, §10.3' }
          : passed('Key binding: the holder presented it to this verifier', '§10.3'),
        revocation(options),
      ],
      claims: payload,
    };
  },
  chain: async (text, keys, options) =>
    chainReport('chain', text, options, await verifyMandateChain(text, keys, reporting(options) as never)),
  direct: async (text, keys, options) =>
    chainReport('direct', text, options, await verifyDirectMandate(text, keys, reporting(options))),
  openChain: async (text, keys, options) => {
    const found = await verifyOpenMandateChain(text, keys, options);
    return {
      ...accepted('openChain', found.quantumSafe),
      headline: 'Authentic. It ends in an open mandate: the agent may close it within its constraints.',
      facts: facts({ policy: found.policy }),
      steps: chainSteps(text, found.hops, 'the agent that it names'),
      checks: [...SIGNED, ...hopChecks(found.hops), revocation(options)],
      claims: found.mandate,
    };
  },
  receipt: async (text, keys, options) => {
    const found = await verifyReceipt(text, keys, options as never);
    return jwsReport('receipt', text, found, found.receipt, [
      passed('Receipt: of the mandate, the kind and the status that were asked for', '§10.5'),
    ]);
  },
  checkoutJwt: async (text, keys, options) => {
    const found = await verifyCheckoutJwt(text, keys, options);
    return jwsReport('checkoutJwt', text, found, found.checkout, [
      passed('Checkout: the members that AP2 asks for, and its sums', '§10.9'),
    ]);
  },
  evidence: async (text, creator, { allowClassical, requireSeal, currentDate, ...trust }) => {
    const demands = { allowClassical, requireSeal, currentDate };
    const given = Object.fromEntries(Object.entries(demands).filter(([, value]) => value !== undefined));
    try {
      return evidenceReport(await verifyEvidence(text, { ...trust, creator }, given));
    } catch (error) {
      const { report } = error as { report?: EvidenceReport };
      if (report === undefined) throw error;
      return { ...evidenceReport(report), ...refusal(error) };
    }
  },
};

/** A valid chain that authorizes nothing is shown with its reasons, unless the caller decides otherwise. */
const reporting = (options: Record<string, unknown>): Record<string, unknown> => ({
  constraints: 'report',
  ...options,
});

const accepted = (kind: Kind, quantumSafe: boolean) =>
  ({ outcome: 'accepted', kind, quantumSafe, headline: 'Valid.' }) as const;

const revocation = ({ isRevoked }: Record<string, unknown>): Check => ({
  status: 'open',
  what: isRevoked === undefined ? 'Revocation: not asked for; this page asks nobody' : 'Revocation',
  rules: '§9',
});

const issuerOf = (payload: { readonly iss?: unknown }): string =>
  typeof payload.iss === 'string' ? payload.iss : 'the holder of the issuer’s keys';

const verifiedPart = ({ signatures, keys }: Pick<VerifiedHop, 'signatures' | 'keys'>) => ({
  signatures,
  keys: { es256: keys.es256?.thumbprint, mldsa65: keys.mldsa65?.thumbprint },
});

const facts = (named: Readonly<Record<string, unknown>>): [string, string][] =>
  Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));

type Chain = Awaited<ReturnType<typeof verifyMandateChain>>;

function chainReport(kind: Kind, text: string, options: Record<string, unknown>, found: Chain): Report {
  const { hops, violations, unchecked, policy, quantumSafe, mandate } = found;
  const authorized = violations.length === 0;
  const audience = typeof options.audience === 'string' ? options.audience : 'this verifier';
  return {
    ...accepted(kind, quantumSafe),
    ...(unchecked.length > 0 && {
      headline: 'Valid, as far as it was checked. What is open below, the payment must not rest on.',
    }),
    ...(!authorized && {
      outcome: 'unauthorized' as const,
      headline: violations.every(isUnresolved)
        ? 'Authentic, but NOT authorized: what the limits of the user need was not given.'
        : 'Authentic, but NOT authorized: the payment breaks what the user allowed.',
    }),
    facts: facts({ policy, kind: found.kind, 'receipt reference': found.receiptReference.sd_hash }),
    steps: chainSteps(text, hops, kind === 'direct' ? 'whoever holds it' : audience),
    checks: [
      ...SIGNED,
      ...hopChecks(hops),
      ...violations.map(
        (violation): Check => ({
          status: 'failed',
          what: `${violation.path} demands ${violation.expected}, found ${violation.found}`,
          rules: '§10.6',
        }),
      ),
      ...(authorized ? [passed('What the user allowed: nothing that was checked is violated', '§10.6')] : []),
      ...unchecked.map(
        (name): Check => ({
          status: 'open',
          what: `Not checked, for want of its context: ${name}`,
          rules: '§10.6',
        }),
      ),
    ],
    claims: mandate,
  };
}

/** What could not be determined for lack of context. */
const isUnresolved = ({ error }: { readonly error: string }): boolean => error === 'unresolved_constraint';

const hopChecks = (hops: readonly VerifiedHop[]): Check[] => [
  ...hops.flatMap(({ signatures }, index) => signatureChecks(signatures, `Token ${index}: `)),
  passed('Each token names the keys that the next one is signed with, and is bound to it', 'R10.2–R10.15'),
];

function chainSteps(text: string, hops: readonly VerifiedHop[], last: string): Step[] {
  const tokens = decodeMandateChain(text);
  const before = tokens.length - hops.length;
  return tokens.map((token, index) => {
    const hop = hops[index - before];
    const payload = hop?.payload ?? token.payload;
    const signer = index === 0 ? issuerOf(payload) : `the holder that token ${index - 1} names`;
    const to = index === tokens.length - 1 ? last : `the holder that token ${index} names`;
    const title = index === 0 ? 'token 0, the root' : `token ${index}`;
    return { ...stepOf(token, title, signer, to), ...(hop && { ...verifiedPart(hop), claims: payload }) };
  });
}

/** A token as received, not verified. */
function stepOf(token: UnverifiedMandate, title: string, signer: string, to: string): Step {
  const { protectedHeader, payload, disclosures, lengths } = token;
  const shown = new Set(disclosures.map(({ digest }) => digest));
  const digests = [payload, ...disclosures.map(({ value }) => value)].flatMap(digestsIn);
  return {
    title,
    signer,
    to,
    type: typeof protectedHeader.typ === 'string' ? protectedHeader.typ : 'no type',
    characters: lengths.mandate,
    keys: {},
    pqAlg: typeof protectedHeader.pq_alg === 'string' ? protectedHeader.pq_alg : undefined,
    disclosed: disclosures.map(
      ({ name, value }) =>
        name ?? (isObject(value) && typeof value.vct === 'string' ? value.vct : 'an element'),
    ),
    withheld: digests.filter((digest) => !shown.has(digest)).length,
    claims: payload,
  };
}

/** Digests of disclosures (RFC 9901 §4.2.4), at any depth. */
function digestsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(digestsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name === '_sd' && Array.isArray(member)) return member.map(String);
    if (name === '...' && typeof member === 'string') return [member];
    return digestsIn(member);
  });
}

function jwsReport(
  kind: Kind,
  text: string,
  found: Pick<VerifiedHop, 'signatures' | 'keys' | 'quantumSafe'>,
  content: object,
  checks: readonly Check[],
): Report {
  const title = kind === 'receipt' ? 'the receipt' : 'the checkout';
  const step = stepOf(decodeMandate(`${text}~`), title, issuerOf(content), 'this verifier');
  return {
    ...accepted(kind, found.quantumSafe),
    facts: [],
    steps: [{ ...step, ...verifiedPart(found), claims: content }],
    checks: [...SIGNED, ...signatureChecks(found.signatures), ...checks],
    claims: content,
  };
}

const EVIDENCE_STATUS = { proven: 'passed', failed: 'failed' } as const;

const evidenceReport = (report: EvidenceReport): Report => ({
  ...accepted('evidence', report.quantumSafe),
  facts: facts({
    'made by': report.createdBy,
    'made at': report.createdAt,
    'used at': report.usedAt,
    'taken out': report.redacted.join(', ') || undefined,
  }),
  steps: [],
  checks: report.lines.map(({ status, statement, by, restsOn }) => ({
    status: EVIDENCE_STATUS[status as 'proven'] ?? 'open',
    what: statement + (restsOn === undefined ? '' : ` – rests on ${restsOn}`),
    rules: by.join(', ') || '§18',
  })),
});

function refused(kind: Kind | undefined, text: string, error: unknown): Report {
  const { signatures } = error as { signatures?: SignatureReport };
  return {
    ...refusal(error),
    kind,
    quantumSafe: undefined,
    facts: [],
    steps: unverifiedSteps(kind, text),
    checks: [
      ...(signatures === undefined ? [] : [...SIGNED, ...signatureChecks(signatures)]),
      ...(error instanceof FieldError || signatures !== undefined ? [] : [failedCheck(error)]),
    ],
  };
}

const failedCheck = (error: unknown): Check => {
  const { message, rules } = problemOf(error);
  return { status: 'failed', what: message, rules };
};

const refusal = (error: unknown) => ({
  outcome: 'refused' as const,
  headline: error instanceof FieldError ? 'Nothing was verified.' : 'Rejected.',
  problem: problemOf(error),
});

function problemOf(error: unknown): Problem {
  if (error instanceof FieldError)
    return { code: error.code, message: error.message, remedy: '', rules: '', field: error.field };
  const { code, message } = error as { code?: unknown; message?: unknown };
  const name = typeof code === 'string' ? code : 'PAGE_UNKNOWN';
  return {
    code: name,
    message: typeof message === 'string' ? message : 'something failed that should not',
    remedy: plain((REMEDIES as Readonly<Record<string, string>>)[name] ?? ''),
    rules: RULES[name] ?? '§6 step 9',
  };
}

/** The remedies are Markdown. */
const plain = (markdown: string): string =>
  markdown.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('`', '');

/** The content of a rejected text, as far as it can be read. */
function unverifiedSteps(kind: Kind | undefined, text: string): Step[] {
  if (kind === undefined || kind === 'evidence') return [];
  try {
    if (kind === 'receipt' || kind === 'checkoutJwt') {
      const token = decodeMandate(`${text}~`);
      return [stepOf(token, 'the token', issuerOf(token.payload), 'this verifier')];
    }
    if (kind === 'mandate') {
      const token = decodeMandate(text);
      return [stepOf(token, 'the mandate', issuerOf(token.payload), 'whoever holds it')];
    }
    return chainSteps(text, [], 'this verifier');
  } catch {
    return [];
  }
}
