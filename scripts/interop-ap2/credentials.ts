// AP2's other model: chains that begin with a User Credential of a bank, both ways.
import {
  type Confirmation,
  confirmationOf,
  type Es256PrivateJwk,
  generateMandateKeys,
  type MandateKeys,
  type PqAlg,
} from 'ap2-pq';
import {
  type Binding,
  type CredentialOptions,
  closeMandate,
  type DelegateForm,
  delegateMandate,
  issueCredential,
  type OpenMandateContent,
  type VerifiedMandateChain,
  verifyMandateChain,
} from 'ap2-pq/ap2';
import { compare, type Outcome } from '../interop/cases.js';
import { discloseElement, forge, join, sdHashOf } from './forge.js';
import { compareVerified, verifyThere } from './ours.js';
import { codeOf, combinations, label, point } from './outcomes.js';
import { AUDIENCE, classical, KINDS, type Kind, NONCE, type Parties } from './parties.js';
import type { Answer, Peer } from './peer.js';

const VCT = 'com.emvco.dpc';
const TO_AGENT = { audience: 'https://agent.example', nonce: 'from-the-agent' };
const LAST = { audience: AUDIENCE, nonce: NONCE };
const BINDINGS = ['sd_hash', 'issuer_jwt_hash'] as const;
const DISCLOSABLE = ['card_last_four', 'card_network_code', 'credential_id'];

const disclosureFrame = { _sd: DISCLOSABLE } as never;
const SHOWN = { card_last_four: true };

/** As in AP2's documents. */
const claimsFor = (holder: Confirmation, change: object = {}) => ({
  vct: VCT,
  iss: 'https://bank.example',
  iat: Math.floor(Date.now() / 1000) - 60,
  exp: Math.floor(Date.now() / 1000) + 86_400,
  card_last_four: '4444',
  card_network_code: 'ACME',
  credential_id: 'b3f1c8a2-6d4e-4f9a-9e3d-8a7c2f1b9d34',
  ...holder,
  ...change,
});

/**
 * The signer of the presentation: an agent for the user, the user in the wallet, or an agent with two mandates under one
 * signature.
 */
const MODELS = ['by the agent', 'by the user', 'of two'] as const;

interface Shape {
  readonly kind: Kind;
  readonly binding: Binding;
  readonly model: (typeof MODELS)[number];
}

const verifyHere = (
  chain: string,
  parties: Parties,
  kind: Kind,
  policy: 'pq-required' | 'pq-optional' = 'pq-required',
  change: Partial<CredentialOptions> = {},
  options: { delegateForms?: readonly DelegateForm[] } = {},
): Promise<VerifiedMandateChain> =>
  verifyMandateChain(
    chain,
    {},
    {
      policy,
      ...options,
      ...LAST,
      kind,
      context: parties.context(kind),
      credential: { vct: VCT, keys: parties.bank.publicKeys, issuer: 'https://bank.example', ...change },
    },
  );

/** A credential of ours, and what the wallet and the agent sign with it. */
async function issueOurs(
  parties: Parties,
  wallet: MandateKeys,
  { kind, binding, model }: Shape,
  pqAlg: PqAlg,
): Promise<string> {
  const { bank, agent, open, closed } = parties;
  const claims = claimsFor(confirmationOf(wallet.publicKeys));
  const credential = await issueCredential(claims, bank.privateKeys, { pqAlg, disclosureFrame });
  const hop = { pqAlg, binding, disclose: SHOWN };
  if (model === 'by the user')
    return closeMandate(credential, closed[kind], wallet.privateKeys, { ...LAST, ...hop });
  const confirmation = confirmationOf(agent.publicKeys);
  const mandates: OpenMandateContent | OpenMandateContent[] =
    model === 'of two' ? KINDS.map((each) => open(each, confirmation)) : open(kind, confirmation);
  const approved = await delegateMandate(credential, mandates, wallet.privateKeys, { ...TO_AGENT, ...hop });
  return closeMandate(approved, closed[kind], agent.privateKeys, { ...LAST, pqAlg, binding });
}

async function oursThere(
  peer: Peer,
  parties: Parties,
  wallet: MandateKeys,
  { pqAlg, ...shape }: Shape & { readonly pqAlg: PqAlg },
  id: string,
): Promise<Outcome[]> {
  const group = 'our credentials there';
  const chain = await issueOurs(parties, wallet, shape, pqAlg);
  const here = await verifyHere(chain, parties, shape.kind);
  return [
    ...compareVerified(group, id, chain, here, await verifyThere(peer, chain, parties)),
    compare(`${group}: quantum-safe in each layer`, id, here.quantumSafe, true),
  ];
}

/** A credential of theirs. */
const theirCredential = async (
  peer: Peer,
  { bank }: Parties,
  wallet: MandateKeys,
  change: object = {},
  disclosable: readonly string[] = DISCLOSABLE,
): Promise<string> => {
  const claims = claimsFor(classical(wallet), change);
  return (await peer.get('issue-credential', { claims, disclosable, key: bank.privateKeys.es256 }))
    .chain as string;
};

const extend = async (
  peer: Peer,
  chain: string,
  mandate: object,
  { privateKeys }: MandateKeys,
  bound: { audience: string; nonce: string },
  binding: Binding,
): Promise<string> => {
  const hop = { chain, mandate, key: privateKeys.es256, ...bound, binding_mode: binding };
  return (await peer.get('extend', hop)).chain as string;
};

async function theirsHere(
  peer: Peer,
  parties: Parties,
  wallet: MandateKeys,
  { kind, binding, model }: Shape,
  id: string,
): Promise<Outcome[]> {
  const group = 'their credentials here';
  const { agent, open, closed } = parties;
  const credential = await theirCredential(peer, parties, wallet);
  const byUser = model === 'by the user';
  const approved = byUser
    ? credential
    : await extend(peer, credential, open(kind, classical(agent)), wallet, TO_AGENT, binding);
  const chain = await extend(peer, approved, closed[kind], byUser ? wallet : agent, LAST, binding);
  const here = await verifyHere(chain, parties, kind, 'pq-optional');
  return [
    ...compareVerified(group, id, chain, here, await verifyThere(peer, chain, parties)),
    compare(`${group}: not quantum-safe, and said so`, id, here.quantumSafe, false),
    compare(
      `${group}: refused under pq-required`,
      id,
      await codeOf(verifyHere(chain, parties, kind)),
      'ERR_MANDATE_PQ_REQUIRED',
    ),
  ];
}

/** One side issues the credential, the other is the wallet, and the first the agent. */
async function mixed(
  peer: Peer,
  parties: Parties,
  wallet: MandateKeys,
  kind: Kind,
  binding: Binding,
  id: string,
): Promise<Outcome[]> {
  const group = 'credentials, wallets and agents of two sides';
  const { bank, agent, open, closed } = parties;
  const ours = await issueCredential(claimsFor(classical(wallet)), bank.privateKeys, { disclosureFrame });
  const theirHop = await extend(peer, ours, open(kind, classical(agent)), wallet, TO_AGENT, binding);
  const first = await closeMandate(theirHop, closed[kind], agent.privateKeys, { ...LAST, binding });
  const theirs = await theirCredential(peer, parties, wallet);
  const confirmation = confirmationOf(agent.publicKeys);
  const ourHop = await delegateMandate(theirs, open(kind, confirmation), wallet.privateKeys, {
    ...TO_AGENT,
    binding,
    disclose: SHOWN,
  });
  const second = await closeMandate(ourHop, closed[kind], agent.privateKeys, { ...LAST, binding });
  const outcomes: Outcome[] = [];
  for (const [name, chain, safe] of [
    ['ours, theirs, ours', first, [true, false, false]],
    ['theirs, ours, ours', second, [false, false, true]],
  ] as const) {
    const here = await verifyHere(chain, parties, kind, 'pq-optional');
    const found = [here.credential, ...here.hops].map((token) => token?.quantumSafe);
    outcomes.push(
      ...compareVerified(group, `${id}, ${name}`, chain, here, await verifyThere(peer, chain, parties)),
      compare(`${group}: which are quantum-safe`, `${id}, ${name}`, found, safe),
    );
  }
  return outcomes;
}

/** A wallet need not disclose anything. AP2's SDK mistakes a token without disclosures, except the last, for a key binding JWT. */
async function showsNothing(peer: Peer, parties: Parties, wallet: MandateKeys): Promise<Outcome[]> {
  const { bank, closed } = parties;
  const credential = await issueCredential(claimsFor(classical(wallet)), bank.privateKeys, {
    disclosureFrame,
  });
  const chain = await closeMandate(credential, closed.payment, wallet.privateKeys, LAST);
  const here = await verifyHere(chain, parties, 'payment', 'pq-optional');
  const { error } = await verifyThere(peer, chain, parties);
  const found = peer.isSdk ? String(error).includes('missing disclosure separator') : error === undefined;
  const group = 'a credential that shows nothing';
  return [
    compare(
      `${group}: accepted here`,
      'payment',
      Object.hasOwn(here.credential?.payload ?? {}, 'card_last_four'),
      false,
    ),
    compare(`${group}: ${peer.isSdk ? 'the SDK cannot read it' : 'accepted there'}`, 'payment', found, true),
  ];
}

/**
 * A wallet's token as CMWallet writes it: the digests of `delegate_payload` are strings. AP2's SDK reads it, and we read it by
 * option.
 */
async function digestStrings(
  peer: Peer,
  parties: Parties,
  wallet: MandateKeys,
  kind: Kind,
): Promise<Outcome[]> {
  const { closed } = parties;
  const credential = await theirCredential(peer, parties, wallet);
  const { encoded, digest } = discloseElement(closed[kind]);
  const chain = join(
    credential,
    forge({ ...closedHop(credential, wallet), elements: [], inTheClear: [digest], disclosures: [encoded] }),
  );
  const there = await verifyThere(peer, chain, parties);
  const options = { delegateForms: ['digest-strings'] as const };
  const here = await verifyHere(chain, parties, kind, 'pq-optional', {}, options);
  const group = 'digests as strings';
  return [
    ...(peer.isSdk
      ? compareVerified(group, kind, chain, here, there)
      : [compare(`${group}: the libraries cannot read them`, kind, there.error === undefined, false)]),
    compare(
      `${group}: refused here without the option`,
      kind,
      await codeOf(verifyHere(chain, parties, kind, 'pq-optional')),
      'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
    ),
  ];
}

/** The wallet's last hop, without the mandate. */
const closedHop = (credential: string, { privateKeys }: MandateKeys, typ = 'kb+sd-jwt') => ({
  key: privateKeys.es256 as Es256PrivateJwk,
  typ,
  claims: {
    iat: Math.floor(Date.now() / 1000),
    aud: LAST.audience,
    nonce: LAST.nonce,
    ...sdHashOf(credential),
  },
});

interface Broken {
  readonly id: string;
  readonly chain: string;
  readonly code: string;
  /** Whether AP2's software accepts it, because it does not check this or cannot know it. */
  readonly acceptedThere: boolean;
  readonly change?: Partial<CredentialOptions>;
}

/** Each has one fault, and is made by the peer if possible. */
async function broken(peer: Peer, parties: Parties, wallet: MandateKeys): Promise<Broken[]> {
  const { bank, agent, merchant, closed } = parties;
  const close = (credential: string, signer = wallet, binding: Binding = 'sd_hash') =>
    extend(peer, credential, closed.payment, signer, LAST, binding);
  const credential = await theirCredential(peer, parties, wallet);
  const good = await close(credential);
  const [hop = ''] = good.split('~~').slice(1);
  const other = await theirCredential(peer, parties, wallet);
  const promising = await issueCredential(claimsFor(confirmationOf(wallet.publicKeys)), bank.privateKeys, {
    disclosureFrame,
  });
  const clear = DISCLOSABLE.slice(0, 1);
  const disclosed = await theirCredential(peer, parties, wallet, {}, ['cnf']);
  const stranger = await peer.get('issue-credential', {
    claims: claimsFor(classical(wallet)),
    disclosable: clear,
    key: { ...merchant.privateKeys.es256, kid: bank.kid },
  });
  const signatureInvalid = 'ERR_MANDATE_ES256_INVALID';
  const named = (keys: MandateKeys): MandateKeys =>
    ({
      ...keys,
      privateKeys: { ...keys.privateKeys, es256: { ...keys.privateKeys.es256, kid: wallet.kid } },
    }) as MandateKeys;
  // The example in AP2's document has a closed mandate with a "cnf". Nobody signs with that key, and the SDK does not require
  // an audience.
  const withKey = forge({
    ...closedHop(credential, wallet, 'kb+sd-jwt+kb'),
    elements: [{ ...closed.payment, ...classical(agent) }],
  });
  const elsewhere = forge({
    ...closedHop(credential, wallet, 'kb+sd-jwt+kb'),
    claims: { ...closedHop(credential, wallet).claims, aud: 'https://other.example', nonce: 'another' },
    elements: [{ ...closed.payment, ...classical(agent) }],
  });
  const expired = { exp: Math.floor(Date.now() / 1000) - 3600 };
  return [
    {
      id: 'a closed mandate with cnf',
      chain: join(credential, withKey),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedThere: peer.isSdk,
    },
    {
      id: 'a closed mandate with cnf, of another audience and nonce',
      chain: join(credential, elsewhere),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedThere: peer.isSdk,
    },
    {
      id: 'hop of another key',
      chain: await close(credential, named(agent)),
      code: signatureInvalid,
      acceptedThere: false,
    },
    {
      id: 'credential of another issuer',
      chain: await close(stranger.chain as string),
      code: signatureInvalid,
      acceptedThere: false,
    },
    {
      id: 'under another credential',
      chain: `${other.slice(0, -1)}~~${hop}`,
      code: 'ERR_MANDATE_BINDING_INVALID',
      acceptedThere: false,
    },
    {
      id: 'expired credential',
      chain: await close(await theirCredential(peer, parties, wallet, expired)),
      code: 'ERR_JWT_EXPIRED',
      acceptedThere: false,
    },
    {
      id: 'pq_cnf, and a classical wallet',
      chain: await close(promising),
      code: 'ERR_MANDATE_PQ_REQUIRED',
      acceptedThere: true,
    },
    {
      id: 'another vct',
      chain: await close(await theirCredential(peer, parties, wallet, { vct: 'urn:example:library-card' })),
      code: 'ERR_MANDATE_CREDENTIAL_INVALID',
      acceptedThere: true,
    },
    {
      id: 'another iss',
      chain: await close(await theirCredential(peer, parties, wallet, { iss: 'https://other.example' })),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
      acceptedThere: true,
    },
    {
      id: 'cnf in a disclosure',
      chain: await close(disclosed),
      code: 'ERR_MANDATE_CREDENTIAL_INVALID',
      acceptedThere: true,
    },
    {
      id: 'a vct that the verifier does not name',
      chain: good,
      code: 'ERR_MANDATE_CREDENTIAL_INVALID',
      acceptedThere: true,
      change: { vct: 'urn:example:card' },
    },
  ];
}

export async function credentials(peer: Peer, parties: Parties): Promise<Outcome[]> {
  const wallet = await generateMandateKeys({ kid: 'wallet-1' });
  const outcomes: Outcome[] = [];
  const axes = { kind: KINDS, binding: BINDINGS, model: MODELS } as const;
  for (const shape of combinations({ ...axes, pqAlg: ['ML-DSA-65', 'ES256+ML-DSA-65'] as const })) {
    const id = label(shape);
    outcomes.push(
      ...(await point('our credentials there', id, () => oursThere(peer, parties, wallet, shape, id))),
    );
  }
  for (const shape of combinations({ ...axes, model: ['by the agent', 'by the user'] as const })) {
    const id = label(shape);
    outcomes.push(
      ...(await point('their credentials here', id, () => theirsHere(peer, parties, wallet, shape, id))),
    );
  }
  for (const { kind, binding } of combinations({ kind: KINDS, binding: BINDINGS })) {
    const id = label({ kind, binding });
    const compared = () => mixed(peer, parties, wallet, kind, binding, id);
    outcomes.push(...(await point('credentials, wallets and agents of two sides', id, compared)));
  }
  outcomes.push(
    ...(await point('a credential that shows nothing', 'payment', () => showsNothing(peer, parties, wallet))),
  );
  for (const kind of KINDS) {
    const compared = () => digestStrings(peer, parties, wallet, kind);
    outcomes.push(...(await point('digests as strings', kind, compared)));
  }
  const group = 'broken credentials';
  for (const { id, chain, code, acceptedThere, change } of await broken(peer, parties, wallet)) {
    const compared = async (): Promise<Outcome[]> => {
      const there: Answer = await verifyThere(peer, chain, parties);
      const verdict = acceptedThere ? `${group}, refused here, ACCEPTED there` : `${group}: refused there`;
      return [
        compare(
          `${group}: refused here`,
          id,
          await codeOf(verifyHere(chain, parties, 'payment', 'pq-optional', change)),
          code,
        ),
        compare(verdict, id, there.error === undefined, acceptedThere),
      ];
    };
    outcomes.push(...(await point(group, id, compared)));
  }
  return outcomes;
}
