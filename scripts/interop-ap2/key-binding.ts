// Key binding (RFC 9901 §4.3) of a single mandate, both ways.
import { type Confirmation, confirmationOf, presentMandate, signMandate, verifyMandate } from 'ap2-pq';
import { compare, type Outcome } from '../interop/cases.js';
import { codeOf, combinations, label, point } from './outcomes.js';
import { AUDIENCE, classical, NONCE, type Parties } from './parties.js';
import type { Peer } from './peer.js';

const CLAIMS = { iss: 'https://bank.example', amount: '125.00', currency: 'HKD', recipient: 'Zürich ☕' };
const SHOWN = { iss: CLAIMS.iss, currency: CLAIMS.currency, amount: CLAIMS.amount };
const BOUND = { audience: AUDIENCE, nonce: NONCE };

const confirmations = {
  classical: ({ agent }) => classical(agent),
  jwk: ({ agent }) => confirmationOf(agent.publicKeys),
  jkt: ({ agent }) => confirmationOf(agent.publicKeys, { thumbprint: true }),
} satisfies Record<string, (parties: Parties) => Confirmation>;

export async function keyBinding(peer: Peer, parties: Parties): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const axes = {
    pqAlg: ['ML-DSA-65', 'ES256+ML-DSA-65'],
    pqCnf: ['classical', 'jwk', 'jkt'],
    shown: ['all', 'some'],
  } as const;
  for (const shape of combinations(axes)) {
    outcomes.push(...(await point('our key binding there', label(shape), () => ours(peer, parties, shape))));
  }
  // The SDK presents no mandate with a plain key binding JWT; its library does.
  if (!peer.isSdk) outcomes.push(...(await point('their key binding here', '', () => theirs(peer, parties))));
  return outcomes;
}

interface Shape {
  readonly pqAlg: 'ML-DSA-65' | 'ES256+ML-DSA-65';
  readonly pqCnf: keyof typeof confirmations;
  readonly shown: 'all' | 'some';
}

async function ours(peer: Peer, parties: Parties, { pqAlg, pqCnf, shown }: Shape): Promise<Outcome[]> {
  const group = 'our key binding there';
  const id = label({ pqAlg, pqCnf, shown });
  const { bank, agent } = parties;
  const confirmation = confirmations[pqCnf](parties);
  const mandate = await signMandate({ ...CLAIMS, ...confirmation }, bank.privateKeys, {
    pqAlg,
    disclosureFrame: { _sd: ['amount', 'recipient'] } as never,
  });
  const presentation = await presentMandate(mandate, {
    ...(shown === 'some' && { disclose: { amount: true } }),
    keyBinding: { ...BOUND, privateKeys: agent.privateKeys, pqAlg },
  });
  const { payload } = await verifyMandate(presentation, bank.publicKeys, {
    keyBinding: { ...BOUND, resolveThumbprint: () => agent.publicKeys.mldsa65 },
    ...(pqCnf === 'classical' && { policy: 'pq-optional' as const }),
  });
  const ask = (text: string, bound: typeof BOUND) =>
    peer.ask('verify-bound', { presentation: text, root: bank.publicKeys.es256, ...bound });
  const refused = async (text: string, bound = BOUND): Promise<boolean> =>
    (await ask(text, bound)).error !== undefined;
  const withheld = presentation.split('~').toSpliced(1, 1).join('~');
  const answer = await ask(presentation, BOUND);
  return [
    compare(`${group}: accepted, same payload`, id, answer.error ?? answer.payload, payload),
    compare(
      `${group}: refused for another nonce, audience, presentation`,
      id,
      [
        await refused(presentation, { ...BOUND, nonce: 'another' }),
        await refused(presentation, { ...BOUND, audience: 'https://other.example' }),
        await refused(withheld),
      ],
      [true, true, true],
    ),
  ];
}

async function theirs(peer: Peer, { bank, agent }: Parties): Promise<Outcome[]> {
  const group = 'their key binding here';
  const { cnf } = confirmationOf({ es256: agent.publicKeys.es256 });
  const issued = await peer.get('issue-bound', {
    claims: CLAIMS,
    disclosable: ['amount', 'recipient'],
    key: bank.privateKeys.es256,
    holder: cnf.jwk,
  });
  const bind = async (mandate: unknown, disclose: object): Promise<string> => {
    const key = agent.privateKeys.es256;
    return (await peer.get('present-bound', { mandate, disclose, key, ...BOUND })).presentation as string;
  };
  const verify = (presentation: string, bound: object, policy: 'pq-optional' | 'pq-required') =>
    verifyMandate(presentation, bank.publicKeys, { policy, keyBinding: { ...BOUND, ...bound } });

  const some = await bind(issued.mandate, { amount: true });
  const all = await bind(issued.mandate, { amount: true, recipient: true });
  // Issued quantum-safe by us, without a post-quantum key of the holder: the holder's own software binds it.
  const own = await signMandate({ ...CLAIMS, cnf }, bank.privateKeys);
  const promised = await signMandate({ ...CLAIMS, ...confirmationOf(agent.publicKeys) }, bank.privateKeys);
  const payloadOf = async (presentation: string) => (await verify(presentation, {}, 'pq-optional')).payload;
  const verdicts = [
    ['another nonce', some, { nonce: 'another' }, 'pq-optional', 'ERR_MANDATE_KEY_BINDING_INVALID'],
    ['another audience', some, { audience: 'x' }, 'pq-optional', 'ERR_MANDATE_KEY_BINDING_INVALID'],
    ['classical', some, {}, 'pq-required', 'ERR_MANDATE_PQ_REQUIRED'],
    ['our mandate, bound classically', await bind(own, {}), {}, 'pq-required', 'ERR_MANDATE_PQ_REQUIRED'],
    [
      'our mandate, bound without its pq_cnf',
      await bind(promised, {}),
      {},
      'pq-optional',
      'ERR_MANDATE_PQ_REQUIRED',
    ],
    [
      'disclosure withheld',
      all.split('~').toSpliced(1, 1).join('~'),
      {},
      'pq-optional',
      'ERR_MANDATE_KEY_BINDING_INVALID',
    ],
  ] as const;
  return [
    compare(`${group}: accepted, same payload`, 'some', await payloadOf(some), { ...SHOWN, cnf }),
    compare(`${group}: accepted, same payload`, 'all', await payloadOf(all), { ...CLAIMS, cnf }),
    compare(`${group}: accepted, same payload`, 'ours', await payloadOf(await bind(own, {})), {
      ...CLAIMS,
      cnf,
    }),
    ...(await Promise.all(
      verdicts.map(async ([id, presentation, bound, policy, code]) =>
        compare(`${group}: refused`, id, await codeOf(verify(presentation, bound, policy)), code),
      ),
    )),
  ];
}
