// Chains that we issue, verified by a peer that does not know this profile.
import { confirmationOf, jwkThumbprint, type PqAlg } from 'ap2-pq';
import {
  type Binding,
  checkoutHash,
  closeMandate,
  delegateMandate,
  issueMandate,
  type OpenMandateContent,
  presentMandateChain,
  type VerifiedMandateChain,
  verifyDirectMandate,
  verifyMandateChain,
  verifyOpenMandateChain,
} from 'ap2-pq/ap2';
import { tokensOf } from '../../vectors/generate/forge/compact.js';
import { digestOf } from '../../vectors/generate/forge/disclosures.js';
import { compare, type Outcome } from '../interop/cases.js';
import { combinations, label, point } from './outcomes.js';
import { AUDIENCE, KINDS, type Kind, MINIMAL, NONCE, type Parties } from './parties.js';
import type { Answer, Peer } from './peer.js';

const AXES = {
  kind: KINDS,
  pqAlg: ['ML-DSA-65', 'ES256+ML-DSA-65'],
  pqCnf: ['jwk', 'jkt'],
  binding: ['sd_hash', 'issuer_jwt_hash'],
  hops: [2, 3],
  disclosed: ['all', 'minimal'],
} as const;

/** The properties of one of our chains. */
export interface Shape {
  readonly kind: Kind;
  readonly pqAlg: PqAlg;
  readonly pqCnf: 'jwk' | 'jkt';
  readonly binding: Binding;
  readonly hops: 2 | 3;
  readonly disclosed: 'all' | 'minimal';
}

/** A chain from the bank to the merchant: by the agent, or by the agent and the credential provider. */
export async function issueOurs(parties: Parties, shape: Shape): Promise<string> {
  const { bank, agent, provider } = parties;
  const { kind, pqAlg, binding, hops, disclosed } = shape;
  const confirm = (keys: typeof agent) =>
    confirmationOf(keys.publicKeys, { thumbprint: shape.pqCnf === 'jkt' });
  const isMinimal = disclosed === 'minimal';
  // With sd_hash, the holder chooses when adding the hop; with issuer_jwt_hash, at any time.
  const options = {
    pqAlg,
    binding,
    ...(isMinimal && binding === 'sd_hash' && { disclose: MINIMAL[kind] }),
  };

  let chain = await issueMandate(parties.open(kind, confirm(agent)), bank.privateKeys, { pqAlg });
  if (hops === 3) {
    const forProvider = parties.open(kind, confirm(provider));
    const hop = { ...options, audience: 'https://provider.example', nonce: 'from-the-provider' };
    chain = await delegateMandate(chain, forProvider, agent.privateKeys, hop);
  }
  const closer = hops === 3 ? provider : agent;
  const last = { ...options, audience: AUDIENCE, nonce: NONCE };
  chain = await closeMandate(chain, parties.closed[kind], closer.privateKeys, last);
  if (!isMinimal) return chain;
  if (binding === 'issuer_jwt_hash') {
    for (let hop = 0; hop < hops - 1; hop++) chain = await presentMandateChain(chain, MINIMAL[kind], { hop });
  }
  // The merchant knows its own checkout, and needs no copy.
  return kind === 'checkout' ? presentMandateChain(chain, { delegate_payload: { 0: true } }) : chain;
}

/** Our verification of a chain, with the keys and thumbprints of these parties. */
export const verifyHere = (
  chain: string,
  parties: Parties,
  kind: Kind,
  policy: 'pq-required' | 'pq-optional' = 'pq-required',
): Promise<VerifiedMandateChain> =>
  verifyMandateChain(chain, parties.bank.publicKeys, {
    policy,
    audience: AUDIENCE,
    nonce: NONCE,
    context: parties.context(kind),
    // AP2's software can put decoys everywhere.
    allowDecoys: true,
    resolveThumbprint: (thumbprint) =>
      [parties.agent, parties.provider]
        .map(({ publicKeys }) => publicKeys.mldsa65)
        .find((key) => jwkThumbprint(key) === thumbprint),
  });

export const verifyThere = (peer: Peer, chain: string, parties: Parties): Promise<Answer> =>
  peer.ask('verify', { chain, root: parties.bank.publicKeys.es256, audience: AUDIENCE, nonce: NONCE });

/** The same mandates, and the same hashes, on both sides. */
export function compareVerified(
  group: string,
  id: string,
  chain: string,
  here: VerifiedMandateChain,
  there: Answer,
): Outcome[] {
  if (there.error !== undefined) return [{ group: `${group}: accepted`, id, failure: String(there.error) }];
  const tokens = tokensOf(chain);
  const checkoutJwt = here.mandate.vct === 'mandate.checkout.1' ? here.mandate.checkout_jwt : undefined;
  return [
    compare(
      `${group}: accepted, same mandates`,
      id,
      there.mandates,
      [here.credential?.payload ?? [], here.hops.map(({ mandate }) => mandate)].flat(),
    ),
    compare(`${group}: sd_hash of each token`, id, there.sd_hashes, tokens.map(digestOf)),
    compare(
      `${group}: receipt reference`,
      id,
      [there.reference, (there.sd_hashes as string[]).at(-1)],
      [here.receiptReference.issuer_jwt_hash, here.receiptReference.sd_hash],
    ),
    ...(checkoutJwt === undefined
      ? []
      : [compare(`${group}: checkout_hash`, id, there.checkout_hash, checkoutHash(checkoutJwt))]),
  ];
}

/** Every open mandate in a chain, evaluated by AP2's SDK. */
async function violationsThere(peer: Peer, there: Answer, parties: Parties, kind: Kind): Promise<unknown> {
  const { checkoutJwt, openCheckoutHashes } = parties.context(kind);
  const request =
    kind === 'payment' ? { open_checkout_hash: openCheckoutHashes?.[0] } : { checkout_jwt: checkoutJwt };
  return (await peer.get('violations', { mandates: there.mandates, ...request })).violations;
}

export async function ourChains(peer: Peer, parties: Parties): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const group = 'our chains there';
  for (const shape of combinations(AXES)) {
    const id = label(shape);
    const compared = async (): Promise<Outcome[]> => {
      const chain = await issueOurs(parties, shape);
      const here = await verifyHere(chain, parties, shape.kind);
      const there = await verifyThere(peer, chain, parties);
      const found = compareVerified(group, id, chain, here, there);
      if (!peer.isSdk || there.error !== undefined) return found;
      const violations = await violationsThere(peer, there, parties, shape.kind);
      return [...found, compare(`${group}: no constraint violated`, id, violations, [])];
    };
    outcomes.push(...(await point(group, id, compared)));
  }
  const axes = { kind: KINDS, state: ['open', 'closed'], pqAlg: AXES.pqAlg } as const;
  for (const shape of combinations(axes)) {
    outcomes.push(
      ...(await point('our single tokens there', label(shape), () => single(peer, parties, shape))),
    );
  }
  return outcomes;
}

/** What a delegate receives from the bank, and what a user signs without an agent. */
async function single(
  peer: Peer,
  parties: Parties,
  shape: Pick<Shape, 'kind' | 'pqAlg'> & { readonly state: 'open' | 'closed' },
): Promise<Outcome[]> {
  const { kind, pqAlg, state } = shape;
  const { bank, agent, open, closed } = parties;
  const mandate = state === 'open' ? open(kind, confirmationOf(agent.publicKeys)) : closed[kind];
  const token = await issueMandate(mandate, bank.privateKeys, { pqAlg });
  const here =
    state === 'open'
      ? await verifyOpenMandateChain(token, bank.publicKeys)
      : await verifyDirectMandate(token, bank.publicKeys, { context: parties.context(kind) });
  const there = await peer.get('verify-single', { token, root: bank.publicKeys.es256, vct: mandate.vct });
  // The SDK's models have no members that AP2 does not define.
  const { pq_cnf, ...known } = here.mandate as OpenMandateContent;
  const expected = peer.isSdk ? known : here.mandate;
  return [compare('our single tokens there: accepted, same mandate', label(shape), there.mandate, expected)];
}
