// The vectors of SPEC.md §19. The library makes the valid chains deterministically. Those that must be rejected are classical
// chains with valid signatures, each with one fault.
import { strict as assert } from 'node:assert';
import type { MandatePublicKeys, Policy } from 'ap2-pq';
import { checkoutHash } from 'ap2-pq/ap2';
import {
  closeViCheckout,
  closeViPayment,
  issueViAutonomous,
  issueViCredential,
  issueViImmediate,
  type ViNames,
  type ViPresentation,
  type ViStrictness,
  verifyViMandates,
  verifyViPresentation,
  viConfirmationOf,
} from 'ap2-pq/vi';
import { agent, base64url, issuer, sha256, wallet } from './keys.js';
import { CASES, type Case } from './vi/cases.js';
import { buildChain, draftOf } from './vi/draft.js';
import { CHECKOUT_JWT, claimsAt, classicalOnly, content, HASH, ourPair, payment, TO } from './vi/parties.js';

/** Seconds since the epoch: 2026-11-26T12:00:00Z. */
const IAT = 1_795_694_400;
const NOW = new Date(IAT * 1000);
const SIGNERS = { issuer, user: wallet, agent, iat: IAT };

/** The verifier, and further demands beside those of `verifier`. */
interface Demand {
  readonly role: 'network' | 'merchant' | 'agent';
  readonly policy: Policy;
  readonly strictness: ViStrictness;
}

/** The verification options of every case. */
const VERIFIER = {
  currentDate: NOW.toISOString(),
  audiences: { network: TO.network, merchant: TO.merchant },
  nonce: TO.nonce3,
  checkoutHash: HASH,
  checkout: content,
  history: [],
};

export async function viVectors(): Promise<{ head: object; cases: readonly object[] }> {
  const cases = [...(await acceptedCases()), ...(await refusedCases())];
  return {
    head: {
      comment:
        'Layers of Verifiable Intent. The signers are those of chains.json: the issuer, the wallet as the user, the agent.',
      verifier: VERIFIER,
      checkoutJwt: CHECKOUT_JWT,
    },
    cases,
  };
}

const isImmediateDemand = ({ layer3 }: ViPresentation, role: Demand['role']): boolean =>
  layer3 === undefined && role !== 'agent';

/** The result of a verifier. */
async function outcomeOf(presentation: ViPresentation, demand: Demand): Promise<object> {
  const keys: MandatePublicKeys = issuer.publicKeys;
  const { role, policy, strictness } = demand;
  const common = { policy, currentDate: NOW };
  if (role === 'agent') {
    const { mode, quantumSafe, pairs } = await verifyViMandates(presentation, keys, common);
    return { mode, quantumSafe, identities: pairs.map(({ identities }) => identities) };
  }
  // Final values are addressed to the network, even if others see them.
  const audience = isImmediateDemand(presentation, role) ? TO.network : TO[role];
  const context = {
    checkoutHash: HASH,
    history: () => [],
    ...(role === 'merchant' && { readCheckout: () => content }),
  };
  const options = { ...common, role, strictness, audience, nonce: TO.nonce3, context };
  const { mode, quantumSafe, identity, unchecked } = await verifyViPresentation(presentation, keys, options);
  return { mode, quantumSafe, identity, unchecked };
}

async function acceptedCases(): Promise<object[]> {
  const cases: object[] = [];
  const add = async (
    id: string,
    comment: string,
    presentation: ViPresentation,
    demand: Partial<Demand> & Pick<Demand, 'role'>,
  ): Promise<void> => {
    const full = { policy: 'pq-required', strictness: 'strict', ...demand } as const;
    const expected = await outcomeOf(presentation, full);
    cases.push({ id, rule: 'R19.10', comment, ...full, ...presentation, expected });
  };
  for (const names of ['versioned', 'plain'] as const) {
    for (const pqAlg of ['ML-DSA-65', 'ES256+ML-DSA-65'] as const) {
      const id = `${names}/${pqAlg}`;
      const made = await chainsOf(id, names, pqAlg);
      for (const role of ['network', 'merchant'] as const) {
        await add(`${id}/immediate/${role}`, 'the user signs final values', made.immediate, { role });
      }
      await add(`${id}/autonomous/agent`, 'two pairs, as the agent receives them', made.intent, {
        role: 'agent',
      });
      await add(
        `${id}/autonomous/network`,
        'L3a with the view of the network, of the second pair',
        made.network,
        { role: 'network' },
      );
      await add(
        `${id}/autonomous/merchant`,
        'L3b with the view of the merchant, of the second pair',
        made.merchant,
        { role: 'merchant' },
      );
    }
  }
  for (const isAsReference of [false, true]) {
    const draft = draftOf(SIGNERS, false, false);
    draft.isAsReference = isAsReference;
    const { layer1, layer2, legs } = buildChain(draft, false);
    const id = isAsReference ? 'as-reference' : 'classical';
    const comment = isAsReference
      ? 'ES256 alone; every digest of layer 2 stands in "_sd" too, and one merchant in two lists'
      : 'ES256 alone';
    const policy = 'pq-optional';
    await add(`${id}/agent`, comment, { layer1, layer2 }, { role: 'agent', policy });
    for (const [role, view] of [
      ['network', legs[0]?.payment],
      ['merchant', legs[0]?.checkout],
    ] as const) {
      await add(`${id}/${role}`, comment, { layer1, ...view } as ViPresentation, { role, policy });
    }
  }
  return cases;
}

/** A chain in each mode, with the salts of `id`. */
async function chainsOf(id: string, names: ViNames, pqAlg: 'ML-DSA-65' | 'ES256+ML-DSA-65') {
  let n = 0;
  const saltGenerator = () => base64url(sha256(`ap2-pq-salt:${id}:${n++}`).subarray(0, 16));
  const common = { pqAlg, deterministic: true, saltGenerator, currentDate: NOW };
  const signing = { ...common, names, issuer: 'https://wallet.example' };
  const layer1 = await issueViCredential(
    { ...claimsAt(IAT), ...viConfirmationOf(wallet.publicKeys) },
    issuer.privateKeys,
    { ...common, disclosable: ['email'] },
  );
  const layer2 = await issueViAutonomous(
    layer1,
    [ourPair(), ourPair()],
    agent.publicKeys,
    wallet.privateKeys,
    {
      ...signing,
      audience: TO.audience2,
      nonce: TO.nonce2,
      expiresIn: '7d',
    },
  );
  const intent = { layer1, layer2 };
  const final = await issueViImmediate(layer1, [{ checkoutJwt: CHECKOUT_JWT, payment }], wallet.privateKeys, {
    ...signing,
    audience: TO.network,
    nonce: TO.nonce3,
    expiresIn: '15m',
  });
  const closing = { ...signing, issuer: 'https://agent.example', nonce: TO.nonce3, pair: 1 };
  return {
    immediate: { layer1, layer2: final },
    intent,
    network: await closeViPayment(
      intent,
      { ...payment, transaction_id: checkoutHash(CHECKOUT_JWT) },
      agent.privateKeys,
      { ...closing, audience: TO.network },
    ),
    merchant: await closeViCheckout(intent, { checkoutJwt: CHECKOUT_JWT, content }, agent.privateKeys, {
      ...closing,
      audience: TO.merchant,
    }),
  };
}

/** One case for each fault: the presentation that contains it. */
async function refusedCases(): Promise<object[]> {
  const cases: object[] = [];
  for (const each of CASES) {
    const isImmediate = each.immediate === true;
    const draft = draftOf(SIGNERS, false, isImmediate);
    each.change(draft);
    const { layer1, layer2, legs } = buildChain(draft, isImmediate);
    const [leg] = legs;
    const shown: [Demand['role'], ViPresentation][] = each.whole
      ? [['agent', { layer1, layer2 }]]
      : leg === undefined
        ? [['network', { layer1, layer2 }]]
        : [
            ['network', { layer1, ...leg.payment } as ViPresentation],
            ['merchant', { layer1, ...leg.checkout } as ViPresentation],
          ];
    cases.push(await firstRefused(each, shown));
  }
  return [...cases, ...(await brokenPromises())];
}

/** A `pq_cnf` promises a quantum-safe layer, but the layer is signed with ES256 alone. */
async function brokenPromises(): Promise<object[]> {
  const { intent, network } = await chainsOf('promise', 'versioned', 'ML-DSA-65');
  const change = () => {};
  const promise = { rule: 'R19.1', code: 'ERR_MANDATE_PQ_REQUIRED', change };
  return [
    await firstRefused({ ...promise, id: 'layer 2 without the promised signature' }, [
      ['agent', { ...intent, layer2: classicalOnly(intent.layer2, wallet.privateKeys.es256) }],
    ]),
    await firstRefused({ ...promise, id: 'layer 3 without the promised signature' }, [
      ['network', { ...network, layer3: classicalOnly(network.layer3 as string, agent.privateKeys.es256) }],
    ]),
  ];
}

async function firstRefused(
  { id, rule, code }: Case,
  shown: readonly [Demand['role'], ViPresentation][],
): Promise<object> {
  for (const [role, presentation] of shown) {
    const demand = { role, policy: 'pq-optional', strictness: 'strict' } as const;
    const found = await outcomeOf(presentation, demand).then(
      () => 'accepted',
      (error: { code?: unknown }) => error.code,
    );
    if (found === 'accepted') continue;
    assert.equal(found, code, id);
    const name = id.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    return { id: `refused/${name}`, rule, comment: id, ...demand, ...presentation, expected: { code } };
  }
  throw new Error(`${id} is accepted`);
}
