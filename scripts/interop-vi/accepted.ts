// Chains that must be accepted: ours by the others, theirs by us.
import type { ClassicalPrivateKeys } from 'ap2-pq';
import {
  closeViCheckout,
  closeViPayment,
  issueViAutonomous,
  issueViCredential,
  issueViImmediate,
  type VerifyViOptions,
  type ViNames,
  type ViPresentation,
  verifyViMandates,
  verifyViPresentation,
  viConfirmationOf,
} from 'ap2-pq/vi';
import {
  CHECKOUT_JWT,
  classicalOnly,
  content,
  HASH,
  type Leg,
  ourPair,
  payment,
  TO,
  type View,
} from '../../vectors/generate/vi/parties.js';
import { compare, type Outcome } from '../interop/cases.js';
import { type Parties, theirPair } from './parties.js';
import type { ViPeer } from './peers.js';

/** The signatures of a chain of ours. */
export const MODES = ['ML-DSA-65', 'ES256+ML-DSA-65', 'ES256 alone'] as const;
export type Mode = (typeof MODES)[number];

/** Layers 1 and 2 of ours. */
export async function ourIntent(
  { issuer, user, agent, claims }: Parties,
  names: ViNames,
  mode: Mode,
  pairs: number | 'immediate',
): Promise<ViPresentation> {
  const isClassical = mode === 'ES256 alone';
  const publicKeys = (of: typeof user) => (isClassical ? { es256: of.publicKeys.es256 } : of.publicKeys);
  const pqAlg = isClassical ? undefined : mode;
  const quantumSafe = await issueViCredential(
    { ...claims, ...viConfirmationOf(publicKeys(user)) },
    issuer.privateKeys,
    { disclosable: ['email'], pqAlg },
  );
  const layer1 = isClassical ? classicalOnly(quantumSafe, issuer.privateKeys.es256) : quantumSafe;
  const options = {
    audience: TO.audience2,
    nonce: TO.nonce2,
    issuer: 'https://wallet.example',
    names,
    pqAlg,
  };
  const keys: ClassicalPrivateKeys = user.privateKeys;
  const layer2 =
    pairs === 'immediate'
      ? await issueViImmediate(layer1, [{ checkoutJwt: CHECKOUT_JWT, payment }], keys, {
          ...options,
          expiresIn: '15m',
        })
      : await issueViAutonomous(layer1, Array.from({ length: pairs }, ourPair), publicKeys(agent), keys, {
          ...options,
          expiresIn: '7d',
        });
  return { layer1, layer2 };
}

/** Both legs of a pair of ours. */
export async function ourLegs(
  { agent }: Parties,
  intent: ViPresentation,
  names: ViNames,
  mode: Mode,
  pair = 0,
): Promise<{ payment: ViPresentation; checkout: ViPresentation }> {
  const options = { nonce: TO.nonce3, names, pair, pqAlg: mode === 'ES256 alone' ? undefined : mode };
  return {
    payment: await closeViPayment(intent, { ...payment, transaction_id: HASH }, agent.privateKeys, {
      ...options,
      audience: TO.network,
    }),
    checkout: await closeViCheckout(intent, { checkoutJwt: CHECKOUT_JWT, content }, agent.privateKeys, {
      ...options,
      audience: TO.merchant,
    }),
  };
}

/** Everything of ours through another implementation: whole chains, and what each role sees. */
export async function oursByTheirs(peer: ViPeer, parties: Parties): Promise<Outcome[]> {
  const { names } = peer;
  const issuer = parties.issuer.publicKeys.es256;
  const outcomes: Outcome[] = [];
  const expect = async (id: string, layer1: string, layer2: string, legs: readonly Leg[]): Promise<void> => {
    const { valid, errors } = await peer.verify(layer1, layer2, legs, issuer);
    outcomes.push(compare('ours, accepted there', id, { valid, errors }, { valid: true, errors: [] }));
  };
  for (const mode of MODES) {
    const immediate = await ourIntent(parties, names, mode, 'immediate');
    await expect(`${mode}: immediate`, immediate.layer1, immediate.layer2, []);
    for (const count of [1, 2]) {
      const intent = await ourIntent(parties, names, mode, count);
      const { layer1, layer2 } = intent;
      const legs: { payment: View; checkout: View }[] = [];
      for (let pair = 0; pair < count; pair++) {
        legs.push((await ourLegs(parties, intent, names, mode, pair)) as { payment: View; checkout: View });
      }
      await expect(`${mode}: ${count} pair(s), as the agent receives it`, layer1, layer2, []);
      await expect(`${mode}: ${count} pair(s), both legs`, layer1, layer2, legs);
      for (const [pair, leg] of legs.entries()) {
        await expect(`${mode}: pair ${pair} of ${count}, the network's view`, layer1, leg.payment.layer2, [
          { payment: leg.payment },
        ]);
        await expect(`${mode}: pair ${pair} of ${count}, the merchant's view`, layer1, leg.checkout.layer2, [
          { checkout: leg.checkout },
        ]);
      }
    }
  }
  return outcomes;
}

/** Our demands on a chain of theirs, which is classical-only. */
export const ofTheirs = (role: 'network' | 'merchant', audience: string = TO[role]): VerifyViOptions => ({
  role,
  audience,
  nonce: TO.nonce3,
  policy: 'pq-optional',
  // Their agents do not disclose the list of merchants to merchants.
  strictness: role === 'merchant' ? 'permissive' : 'strict',
  context: {
    checkoutHash: HASH,
    history: () => [],
    ...(role === 'merchant' && { readCheckout: () => content }),
  },
});

/** Everything of theirs through us. */
export async function theirsByOurs(peer: ViPeer, parties: Parties): Promise<Outcome[]> {
  const keys = {
    issuer: parties.issuer.privateKeys.es256,
    user: parties.user.privateKeys.es256,
    agent: parties.agent.privateKeys.es256,
  };
  const issuerKeys = { es256: parties.issuer.publicKeys.es256 };
  const outcomes: Outcome[] = [];
  const expect = async (id: string, verify: () => Promise<unknown>): Promise<void> => {
    const found = await verify().then(
      () => 'accepted',
      (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
    );
    outcomes.push(compare('theirs, accepted here', id, found, 'accepted'));
  };
  const request = {
    keys: keys as never,
    claims: parties.claims,
    pair: theirPair(peer.names),
    to: { ...TO, iat: parties.iat },
  };
  const immediate = await peer.issue({
    ...request,
    mode: 'immediate',
    to: { ...request.to, audience2: TO.network, nonce2: TO.nonce3 },
  });
  for (const role of ['network', 'merchant'] as const) {
    const { layer1, layer2 } = immediate;
    await expect(`immediate, ${role}`, () =>
      verifyViPresentation({ layer1, layer2 }, issuerKeys, ofTheirs(role, TO.network)),
    );
  }
  const {
    layer1,
    layer2,
    payment: network,
    checkout: merchant,
  } = await peer.issue({ ...request, mode: 'autonomous' });
  await expect('autonomous, as the agent receives it', () =>
    verifyViMandates({ layer1, layer2 }, issuerKeys, { policy: 'pq-optional' }),
  );
  await expect('autonomous, network', () =>
    verifyViPresentation({ layer1, ...(network as View) }, issuerKeys, ofTheirs('network')),
  );
  await expect('autonomous, merchant', () =>
    verifyViPresentation({ layer1, ...(merchant as View) }, issuerKeys, ofTheirs('merchant')),
  );
  return outcomes;
}
