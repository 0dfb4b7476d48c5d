// Classical chains of AP2 v0.2 that a peer issues, verified here.
import { decodeMandateChain, issueMandate, verifyDirectMandate, verifyOpenMandateChain } from 'ap2-pq/ap2';
import { compare, type Outcome } from '../interop/cases.js';
import { compareVerified, verifyHere, verifyThere } from './ours.js';
import { codeOf, combinations, label, point } from './outcomes.js';
import { AUDIENCE, classical, KINDS, type Kind, NONCE, type Parties } from './parties.js';
import type { Peer } from './peer.js';

const GROUP = 'their chains here';

interface Shape {
  readonly kind: Kind;
  readonly binding: 'sd_hash' | 'issuer_jwt_hash';
  readonly hops: 2 | 3;
  readonly decoys: boolean;
  readonly typ: 'kb+sd-jwt' | 'kb-sd-jwt';
}

/** As the SDK's tests have it: bank, agent, credential provider, merchant. */
export async function issueTheirs(peer: Peer, parties: Parties, shape: Shape): Promise<string> {
  const { bank, agent, provider } = parties;
  const { kind, decoys, binding: binding_mode } = shape;
  const spelling = shape.typ === 'kb-sd-jwt' ? { spelling: 1 } : {};
  const hop = { decoys, binding_mode, ...spelling };
  const root = { mandate: parties.open(kind, classical(agent)), key: bank.privateKeys.es256, decoys };
  let { chain } = await peer.get('issue', root);
  if (shape.hops === 3) {
    const mandate = parties.open(kind, classical(provider));
    const bound = { audience: 'https://provider.example', nonce: 'from-the-provider' };
    const key = agent.privateKeys.es256;
    ({ chain } = await peer.get('extend', { chain, mandate, key, ...bound, ...hop }));
  }
  const key = (shape.hops === 3 ? provider : agent).privateKeys.es256;
  const bound = { audience: AUDIENCE, nonce: NONCE };
  const closed = { chain, mandate: parties.closed[kind], key, ...bound, ...hop };
  return (await peer.get('extend', closed)).chain as string;
}

async function issuedThere(peer: Peer, parties: Parties, shape: Shape, id: string): Promise<Outcome[]> {
  const { kind } = shape;
  const chain = await issueTheirs(peer, parties, shape);
  const here = await verifyHere(chain, parties, kind, 'pq-optional');
  const there = await verifyThere(peer, chain, parties);
  return [
    ...compareVerified(GROUP, id, chain, here, there),
    compare(`${GROUP}: not quantum-safe, and said so`, id, here.quantumSafe, false),
    compare(
      `${GROUP}: refused under pq-required`,
      id,
      await codeOf(verifyHere(chain, parties, kind)),
      'ERR_MANDATE_PQ_REQUIRED',
    ),
  ];
}

export async function theirChains(peer: Peer, parties: Parties): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const axes = {
    kind: KINDS,
    binding: ['sd_hash', 'issuer_jwt_hash'],
    hops: [2, 3],
    decoys: [false, true],
    // The SDK reads both spellings and writes one.
    typ: peer.isSdk ? (['kb+sd-jwt'] as const) : (['kb+sd-jwt', 'kb-sd-jwt'] as const),
  } as const;
  for (const shape of combinations(axes)) {
    const id = `${shape.kind}, ${shape.binding}, ${shape.hops} hops, ${shape.typ}${shape.decoys ? ', decoys' : ''}`;
    outcomes.push(...(await point(GROUP, id, () => issuedThere(peer, parties, shape, id))));
  }
  outcomes.push(...(await singleTokens(peer, parties)));
  outcomes.push(...(await times(peer, parties)));
  if (peer.isSdk) outcomes.push(...(await chosenDisclosures(peer, parties)));
  return outcomes;
}

/** What a delegate receives from the bank, and what a user signs without an agent. */
async function singleTokens(peer: Peer, parties: Parties): Promise<Outcome[]> {
  const group = 'their single tokens here: accepted, same mandate';
  const { bank, agent, closed } = parties;
  const outcomes: Outcome[] = [];
  const axes = { kind: KINDS, state: ['open', 'closed'], decoys: ['no decoys', 'decoys'] } as const;
  for (const { kind, state, decoys } of combinations(axes)) {
    const id = label({ kind, state, decoys });
    const compared = async (): Promise<Outcome[]> => {
      const mandate = state === 'open' ? parties.open(kind, classical(agent)) : closed[kind];
      const request = { mandate, key: bank.privateKeys.es256, decoys: decoys === 'decoys' };
      const { chain } = await peer.get('issue', request);
      const options = { policy: 'pq-optional', allowDecoys: request.decoys } as const;
      const here =
        state === 'open'
          ? await verifyOpenMandateChain(chain as string, bank.publicKeys, options)
          : await verifyDirectMandate(chain as string, bank.publicKeys, {
              ...options,
              context: parties.context(kind),
            });
      const ours = await issueMandate(mandate, bank.privateKeys);
      return [
        compare(group, id, here.mandate, mandate),
        compare(
          'their single tokens here: the same is disclosable',
          id,
          namesOf(chain as string),
          namesOf(ours),
        ),
      ];
    };
    outcomes.push(...(await point(group, id, compared)));
  }
  return outcomes;
}

/** The subjects of its disclosures, without decoys. */
const namesOf = (token: string): string[] =>
  (decodeMandateChain(token)[0]?.disclosures ?? [])
    .map(
      ({ name, value }) => name ?? (value as { vct?: string }).vct ?? JSON.stringify(value, withoutDigests),
    )
    .sort();

const withoutDigests = (name: string, value: unknown): unknown => (name === '_sd' ? undefined : value);

/** Of either token, and of the mandates in them. */
async function times(peer: Peer, parties: Parties): Promise<Outcome[]> {
  const { bank, agent, closed } = parties;
  const now = Math.floor(Date.now() / 1000);
  const passed = { exp: now - 3600 };
  const future = { iat: now + 3600 };
  const notYet = { nbf: now + 3600 };
  // Its models drop "nbf", and it does not add the caller's claims to a token.
  const cases = [
    { id: 'exp of the open mandate', open: passed, code: 'ERR_JWT_EXPIRED' },
    { id: 'exp of the closed mandate', closed: passed, code: 'ERR_JWT_EXPIRED' },
    { id: 'iat of the open mandate', open: future, code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' },
    { id: 'iat of the closed mandate', closed: future, code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' },
    ...(peer.isSdk
      ? []
      : [
          { id: 'nbf of the open mandate', open: notYet, code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' },
          { id: 'exp of the root', root: passed, code: 'ERR_JWT_EXPIRED' },
          { id: 'nbf of the root', root: notYet, code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' },
          { id: 'exp of the hop', hop: passed, code: 'ERR_JWT_EXPIRED' },
          { id: 'iat of the hop', hop: future, code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' },
          { id: 'nbf, exp and iat that hold', root: { nbf: now, exp: now + 60, iat: now }, code: 'accepted' },
        ]),
  ];
  const outcomes: Outcome[] = [];
  for (const item of cases) {
    const group = 'their times here';
    const compared = async (): Promise<Outcome[]> => {
      const claims = (given: object | undefined) => (given === undefined ? {} : { claims: given });
      const mandate = parties.open('payment', classical(agent), item.open);
      const { chain } = await peer.get('issue', {
        mandate,
        key: bank.privateKeys.es256,
        ...claims('root' in item ? item.root : undefined),
      });
      const longer = await peer.get('extend', {
        chain,
        mandate: { ...closed.payment, ...item.closed },
        key: agent.privateKeys.es256,
        audience: AUDIENCE,
        nonce: NONCE,
        binding_mode: 'sd_hash',
        ...claims('hop' in item ? item.hop : undefined),
      });
      const code = await codeOf(verifyHere(longer.chain as string, parties, 'payment', 'pq-optional'));
      return [compare(`${group}: verdict`, item.id, code, item.code)];
    };
    outcomes.push(...(await point(group, item.id, compared)));
  }
  return outcomes;
}

/** The SDK's `claims_to_disclose`, which withholds every array element that is not a mandate. */
async function chosenDisclosures(peer: Peer, parties: Parties): Promise<Outcome[]> {
  const group = "the SDK's claims_to_disclose";
  const { bank, agent } = parties;
  const cases = [
    { kind: 'payment', disclose: {}, code: 'ERR_MANDATE_CONSTRAINT_VIOLATED' },
    { kind: 'checkout', disclose: { checkout_jwt: true }, code: 'ERR_MANDATE_CONSTRAINT_VIOLATED' },
  ] as const;
  const outcomes: Outcome[] = [];
  for (const { kind, disclose, code } of cases) {
    const compared = async (): Promise<Outcome[]> => {
      const mandate = parties.open(kind, classical(agent));
      const { chain } = await peer.get('issue', { mandate, key: bank.privateKeys.es256 });
      const presented = await peer.get('present', {
        chain,
        mandate: parties.closed[kind],
        key: agent.privateKeys.es256,
        audience: AUDIENCE,
        nonce: NONCE,
        disclose,
      });
      const found = await codeOf(verifyHere(presented.chain as string, parties, kind, 'pq-optional'));
      return [compare(`${group}: an empty "allowed" allows nothing here`, kind, found, code)];
    };
    outcomes.push(...(await point(group, kind, compared)));
  }
  return outcomes;
}
