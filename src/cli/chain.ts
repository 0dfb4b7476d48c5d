import { readHistory as checkHistory } from '../ap2/constraints/history.js';
import {
  type ConstraintContext,
  MandateConstraintError,
  type PastUse,
  type RefusedUnchecked,
  type VerifiedHop,
  type VerifiedMandateChain,
  type VerifiedOpenMandateChain,
  verifyDirectMandate,
  verifyMandateChain,
  verifyOpenMandateChain,
} from '../ap2/index.js';
import { parseRfc3339 } from '../claims/rfc3339.js';
import { isBase64urlOfLength } from '../encoding/base64url.js';
import { isJsonObject } from '../encoding/json.js';
import { MandateError } from '../errors.js';
import { SHA256_BYTES } from '../profile.js';
import type { Given } from './arguments.js';
import type { Answer, Called, Command } from './command.js';
import { refuse, usage } from './errors.js';
import { type Expected, fileName, readJsonObject, readToken } from './files.js';
import { foundValue } from './found-value.js';
import { holderKeys, readPublicKeys } from './keys.js';
import { missingOptions, missingText } from './missing.js';
import { withHintOnAlgorithm } from './other-algorithms.js';
import { violationsInOptions, violationText } from './render.js';
import { type Io, type Style, shownJson, table } from './terminal.js';
import {
  nameLines,
  signatureLines,
  uncheckedIdentity,
  uncheckedText,
  verdictHeadline,
} from './verdict-lines.js';
import { DEMAND_OPTIONS, HOLDER_OPTIONS, readDemands } from './verify-options.js';

/** Options about what a closed mandate is used for. */
const AUTHORITY_OPTIONS = [
  'max-token-age',
  'constraints',
  'checkout-hash',
  'checkout-jwt',
  'open-checkout-hashes',
  'history',
  'allow-unchecked',
];
const CHAIN: Expected = {
  what: 'a delegation chain, or one mandate',
  found: ['chain', 'mandate', 'jws', 'other'],
  remedy: 'Give the file of the chain or mandate.',
};
const CHECKOUT_JWT: Expected = { what: 'the JWT of a checkout', found: ['jws', 'other'] };
const UNCHECKED: readonly RefusedUnchecked[] = ['history', 'checkout', 'constraint-members'];

export const chainVerify: Command = {
  operands: '[FILE|-]',
  options: {
    ...DEMAND_OPTIONS,
    ...HOLDER_OPTIONS,
    audience: {
      kind: 'many',
      value: 'AUD',
      help: 'the "aud" that names this verifier',
      required: 'unless --direct or --open is given',
    },
    nonce: {
      kind: 'one',
      value: 'NONCE',
      help: 'the "nonce" that this verifier issued',
      required: 'unless --direct or --open is given',
    },
    'max-token-age': { kind: 'one', value: 'SPAN', help: 'maximum age of the last hop; default 5m' },
    open: { kind: 'flag', help: 'a chain that ends in an open mandate, as a delegate receives it' },
    direct: { kind: 'flag', help: 'one token that the user closed, without an agent' },
    kind: { kind: 'one', value: 'KIND', help: 'payment or checkout, if a token has both' },
    constraints: { kind: 'one', value: 'HOW', help: 'enforce (default), or report violations' },
    'checkout-hash': { kind: 'one', value: 'HASH', help: 'the hash of the checkout' },
    'checkout-jwt': {
      kind: 'one',
      value: 'FILE',
      help: "the merchant's JWT of that checkout, already verified",
    },
    'open-checkout-hashes': {
      kind: 'many',
      value: 'HASHES',
      help: 'hashes of the open mandates of the checkout chain',
    },
    history: {
      kind: 'one',
      value: 'FILE',
      help: 'past uses: a JSON object that maps each identity to an array of uses; {} if there were none',
    },
    'allow-unchecked': {
      kind: 'many',
      value: 'NAMES',
      help: `what may remain unchecked: ${UNCHECKED.join(', ')}`,
    },
    'allow-decoys': { kind: 'flag', help: 'accept digests without disclosures in an open mandate' },
  },
  async run(io, given, called) {
    const path = given.file('the file of the chain');
    const keys = await readPublicKeys(io, given);
    const direct = given.has('direct');
    const [audience, nonce, age] = [given.many('audience'), given.one('nonce'), given.span('max-token-age')];
    const kind = given.choice('kind', ['payment', 'checkout']);
    const constraints = given.choice('constraints', ['enforce', 'report']);
    const demands = {
      ...(await readDemands(io, given)),
      ...(kind !== undefined && { kind }),
      resolveThumbprint: await holderKeys(io, given),
      ...(given.has('allow-decoys') && { allowDecoys: true }),
    };
    const shared = {
      ...demands,
      ...(constraints !== undefined && { constraints }),
      context: await readContext(io, given),
    };
    const chain = await readToken(io, path, 'mandate', CHAIN);
    if (given.has('open')) {
      for (const name of ['direct', ...AUTHORITY_OPTIONS])
        if (given.has(name)) usage(`--${name}`, `--${name} is for a chain that ends in a closed mandate`);
      const addressed = audience.length > 0 || nonce !== undefined;
      const addressee = addressed && { audience: [...audience], nonce: nonce ?? '' };
      const verified = verifyOpenMandateChain(chain, keys, { ...demands, ...addressee });
      const unchecked = [
        ...uncheckedIdentity(given),
        ...(given.has('revocation-list') ? [] : ['revocation']),
        ...(addressed ? [] : ['audience', 'nonce']),
      ];
      return openAnswer(await withHintOnAlgorithm(chain, verified), unchecked);
    }
    if (direct) {
      for (const name of ['audience', 'nonce', 'max-token-age'])
        if (given.has(name))
          usage(`--${name}`, `--${name} is for a chain: a direct mandate is not bound to a verifier`);
      return answer(await judged(chain, verifyDirectMandate(chain, keys, shared), given), given, called);
    }
    if (audience.length === 0 || nonce === undefined)
      return usage(
        '--audience',
        '--audience and --nonce are required: the name of this verifier, and the nonce that it issued',
      );
    const verified = verifyMandateChain(chain, keys, {
      ...shared,
      audience: [...audience],
      nonce,
      ...(age !== undefined && { maxTokenAge: age }),
    });
    return answer(await judged(chain, verified, given), given, called);
  },
};

/** A chain that could not be judged is an error of the command line, not a verdict. */
async function judged(
  chain: string,
  verified: Promise<VerifiedMandateChain>,
  given: Given,
): Promise<VerifiedMandateChain> {
  try {
    return await withHintOnAlgorithm(chain, verified);
  } catch (error) {
    const missing = error instanceof MandateConstraintError ? missingOptions(error.violations, given) : [];
    const [first] = missing;
    if (first === undefined) throw error;
    return refuse('ERR_CLI_USAGE', first.option, missingText(missing), error);
  }
}

/** The hash of a checkout, and all hashes and digests of open mandates, are SHA-256: other text is a typing error. */
function checkHash(value: string, option: string): void {
  if (!isBase64urlOfLength(value, SHA256_BYTES))
    usage(option, `${option} must be a SHA-256 hash, 43 base64url characters; ${foundValue(value)}`);
}

async function readContext(io: Io, given: Given): Promise<ConstraintContext> {
  const hash = given.one('checkout-hash');
  const jwt = given.one('checkout-jwt');
  const hashes = given.list('open-checkout-hashes');
  if (hash !== undefined) checkHash(hash, '--checkout-hash');
  for (const each of hashes ?? []) checkHash(each, '--open-checkout-hashes');
  const history = given.one('history');
  const allowed = given
    .list('allow-unchecked')
    ?.map(
      (name) =>
        UNCHECKED.find((each) => each === name) ??
        usage(
          '--allow-unchecked',
          `--allow-unchecked must be one or several of ${UNCHECKED.join(', ')}; ${foundValue(name)}`,
        ),
    );
  return {
    ...(hash !== undefined && { checkoutHash: hash }),
    ...(jwt !== undefined && { checkoutJwt: await readToken(io, jwt, '--checkout-jwt', CHECKOUT_JWT) }),
    ...(hashes !== undefined && { openCheckoutHashes: hashes }),
    ...(allowed !== undefined && { allowUnchecked: allowed }),
    ...(history !== undefined && { history: await readHistory(io, history) }),
  };
}

/**
 * Past uses, by identity. The file is complete: an identity that is not listed was not used. So every name and every use is
 * checked, because another file would pass for "never used".
 */
export async function readHistory(io: Io, path: string): Promise<NonNullable<ConstraintContext['history']>> {
  const name = fileName(path);
  const refuseFile = (found: string): never =>
    refuse(
      'ERR_CLI_DOCUMENT',
      '--history',
      `${name} must map each identity, 43 base64url characters, to an array of uses: ${found}`,
    );
  const uses = new Map<string, readonly PastUse[]>();
  for (const [identity, list] of Object.entries(await readJsonObject(io, path, '--history'))) {
    if (!isBase64urlOfLength(identity, SHA256_BYTES))
      return refuseFile('it has a member that is not an identity');
    if (!Array.isArray(list) || !list.every(isJsonObject))
      return refuseFile(`the member ${identity} is not an array of objects`);
    uses.set(identity, checkUses(list.map(pastUse), identity, refuseFile));
  }
  return (identity) => uses.get(identity) ?? [];
}

function checkUses(
  uses: readonly PastUse[],
  identity: string,
  refuseFile: (found: string) => never,
): readonly PastUse[] {
  try {
    return checkHistory(uses, identity) ?? [];
  } catch (error) {
    if (!(error instanceof MandateError)) throw error;
    return refuseFile(error.message);
  }
}

/** `usedAt` as JSON has it: RFC 3339. What it is not, the evaluation refuses. */
export const pastUse = (use: object): PastUse => {
  const { usedAt } = use as { usedAt?: unknown };
  const time = typeof usedAt === 'string' ? parseRfc3339(usedAt) : undefined;
  return { ...use, usedAt: new Date(time ?? Number.NaN) } as unknown as PastUse;
};

function answer(chain: VerifiedMandateChain, given: Given, called: Called): Answer {
  const { policy, quantumSafe, kind, isDirect, mandate, hops, authorizations } = chain;
  const violations = violationsInOptions(chain.violations, called);
  const authorized = violations.length === 0;
  const missing = missingOptions(violations, given);
  const isUndecided = missing.length > 0;
  const unchecked = [
    ...chain.unchecked,
    ...uncheckedIdentity(given),
    ...(isDirect ? ['audience', 'nonce'] : []),
  ];
  return {
    ok: authorized,
    isUndecided,
    result: {
      policy,
      quantumSafe,
      kind,
      isDirect,
      authorized,
      missing: missing.map(({ option }) => option),
      violations,
      unchecked,
      authorizations,
      receiptReference: chain.receiptReference,
      openCheckoutHashes: chain.openCheckoutHashes,
      revocationChecked: chain.revocationChecked,
      mandate,
      hops: hops.map(hopReport),
    },
    people: (style: Style) => [
      authorized
        ? verdictHeadline(quantumSafe, style)
        : style.bad(style.strong(isUndecided ? 'authentic, NOT judged' : 'authentic, NOT authorized')),
      ...table([
        ['  policy', policy],
        ...violations.map((each) => ['  violation', violationText(each)] as const),
        ['  missing', isUndecided ? missingText(missing) : undefined],
        ['  not checked', uncheckedText(unchecked)],
        ...hops.flatMap(hopLines),
        [`  ${kind} mandate`, shownJson(mandate)],
      ]),
    ],
  };
}

const hopReport = ({ signatures, keys, mandateId, identity, quantumSafe }: VerifiedHop) => ({
  quantumSafe,
  signatures,
  keys,
  mandateId: mandateId ?? null,
  identity,
});

const hopLines = (hop: VerifiedHop, index: number): [string, string | undefined][] => [
  [`  token ${index}`, `${index === 0 ? 'the root, ' : ''}${hop.quantumSafe ? '' : 'NOT '}quantum-safe`],
  ...signatureLines(hop, '    '),
  ...nameLines(hop, '    '),
];

function openAnswer(
  { policy, quantumSafe, hops, mandate }: VerifiedOpenMandateChain,
  unchecked: readonly string[],
): Answer {
  return {
    ok: true,
    result: { policy, quantumSafe, unchecked, mandate, hops: hops.map(hopReport) },
    people: (style) => [
      verdictHeadline(quantumSafe, style),
      ...table([
        ['  policy', policy],
        ['  not checked', uncheckedText(unchecked)],
        ...hops.flatMap(hopLines),
        ['  open mandate', shownJson(mandate)],
      ]),
    ],
  };
}
