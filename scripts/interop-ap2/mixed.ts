// Chains that one side begins and the other continues.
import { type Confirmation, confirmationOf, type MandateKeys } from 'ap2-pq';
import { closeMandate, delegateMandate, issueMandate } from 'ap2-pq/ap2';
import { compare, type Outcome } from '../interop/cases.js';
import { compareVerified, verifyHere, verifyThere } from './ours.js';
import { codeOf, combinations, label, point } from './outcomes.js';
import { AUDIENCE, classical, KINDS, type Kind, NONCE, type Parties } from './parties.js';
import type { Peer } from './peer.js';

const MIDDLE = { audience: 'https://provider.example', nonce: 'from-the-provider' };
const LAST = { audience: AUDIENCE, nonce: NONCE };
const BINDINGS = ['sd_hash', 'issuer_jwt_hash'] as const;

interface Shape {
  readonly kind: Kind;
  readonly binding: (typeof BINDINGS)[number];
  /** Whether we name a post-quantum key for the provider's hop. */
  readonly provider: 'classical' | 'post-quantum';
}

/** The peer's root, our hop to the provider, our closing hop. */
async function theirsThenOurs(peer: Peer, parties: Parties, shape: Shape, id: string): Promise<Outcome[]> {
  const group = 'their root, our hops';
  const { kind, binding } = shape;
  const { bank, agent, provider, open, closed } = parties;
  const mandate = open(kind, classical(agent));
  const { chain: root } = await peer.get('issue', { mandate, key: bank.privateKeys.es256 });
  const confirmation =
    shape.provider === 'classical' ? classical(provider) : confirmationOf(provider.publicKeys);
  const two = await delegateMandate(root as string, open(kind, confirmation), agent.privateKeys, {
    ...MIDDLE,
    binding,
  });
  const chain = await closeMandate(two, closed[kind], provider.privateKeys, { ...LAST, binding });
  const here = await verifyHere(chain, parties, kind, 'pq-optional');
  return [
    ...compareVerified(group, id, chain, here, await verifyThere(peer, chain, parties)),
    compare(
      `${group}: which are quantum-safe`,
      id,
      here.hops.map(({ quantumSafe }) => quantumSafe),
      [false, false, shape.provider === 'post-quantum'],
    ),
    compare(
      `${group}: refused under pq-required`,
      id,
      await codeOf(verifyHere(chain, parties, kind)),
      'ERR_MANDATE_PQ_REQUIRED',
    ),
  ];
}

/** Our root, and the peer's hop, which is classical. */
async function ourRoot(
  peer: Peer,
  parties: Parties,
  { kind, binding }: Omit<Shape, 'provider'>,
  confirmation: (keys: MandateKeys) => Confirmation,
): Promise<string> {
  const { bank, agent, open, closed } = parties;
  const chain = await issueMandate(open(kind, confirmation(agent)), bank.privateKeys);
  const hop = { mandate: closed[kind], key: agent.privateKeys.es256, ...LAST, binding_mode: binding };
  return (await peer.get('extend', { chain, ...hop })).chain as string;
}

async function oursThenTheirs(
  peer: Peer,
  parties: Parties,
  shape: Omit<Shape, 'provider'>,
  id: string,
): Promise<Outcome[]> {
  const group = 'our root, their hop';
  const { kind } = shape;
  const chain = await ourRoot(peer, parties, shape, classical);
  const here = await verifyHere(chain, parties, kind, 'pq-optional');
  // The root promises a post-quantum signature, which the peer's software cannot make: valid there, rejected here.
  const broken = await ourRoot(peer, parties, shape, ({ publicKeys }) => confirmationOf(publicKeys));
  const { error } = await verifyThere(peer, broken, parties);
  return [
    ...compareVerified(group, id, chain, here, await verifyThere(peer, chain, parties)),
    compare(
      `${group}: which are quantum-safe`,
      id,
      here.hops.map(({ quantumSafe }) => quantumSafe),
      [true, false],
    ),
    compare(
      `${group}: refused under pq-required`,
      id,
      await codeOf(verifyHere(chain, parties, kind)),
      'ERR_MANDATE_PQ_REQUIRED',
    ),
    compare(
      `${group}: refused under pq-optional where pq_cnf is broken`,
      id,
      [await codeOf(verifyHere(broken, parties, kind, 'pq-optional')), error === undefined],
      ['ERR_MANDATE_PQ_REQUIRED', true],
    ),
  ];
}

export async function mixedChains(peer: Peer, parties: Parties): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const providers = ['classical', 'post-quantum'] as const;
  for (const shape of combinations({ kind: KINDS, binding: BINDINGS, provider: providers })) {
    const id = label(shape);
    outcomes.push(
      ...(await point('their root, our hops', id, () => theirsThenOurs(peer, parties, shape, id))),
    );
  }
  for (const shape of combinations({ kind: KINDS, binding: BINDINGS })) {
    const id = label(shape);
    outcomes.push(
      ...(await point('our root, their hop', id, () => oursThenTheirs(peer, parties, shape, id))),
    );
  }
  return outcomes;
}
