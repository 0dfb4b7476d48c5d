// What ap2-pq refuses, and what a peer makes of it. A classical verifier cannot see that a post-quantum signature is gone;
// beyond that, what a peer accepts is its own laxness, and printed as such.

import { confirmationOf, generateMandateKeys, signMandate } from 'ap2-pq';
import { closeMandate, delegateMandate, issueMandate } from 'ap2-pq/ap2';
import type { Outcome } from '../interop/cases.js';
import { compare } from '../interop/cases.js';
import type { Forgery } from './forge.js';
import {
  changeClaims,
  changeMandate,
  changeSignature,
  changeToken,
  disclosureOf,
  forge,
  join,
  sdHashOf,
} from './forge.js';
import { verifyHere, verifyThere } from './ours.js';
import { codeOf, point } from './outcomes.js';
import type { Parties } from './parties.js';
import { AUDIENCE, classical, digest, NONCE, tokensOf } from './parties.js';
import type { Peer } from './peer.js';

interface Tampered {
  readonly id: string;
  readonly chain: string;
  /** Of our refusal. */
  readonly code: string;
  /** The peers that accept it. */
  readonly acceptedBy?: readonly string[];
  /** Default: nothing is expected of a chain but that it be classically sound. */
  readonly policy?: 'pq-required';
}

const EVERYONE = ['libraries', 'SDK'];
const LAST = { audience: AUDIENCE, nonce: NONCE };
const MIDDLE = { audience: 'https://provider.example', nonce: 'from-the-provider' };

/** A quantum-safe chain, changed by someone without any key. */
async function changed(parties: Parties): Promise<Tampered[]> {
  const { bank, agent, provider, open, closed } = parties;
  const root = await issueMandate(open('payment', confirmationOf(agent.publicKeys)), bank.privateKeys);
  const otherRoot = await issueMandate(open('payment', confirmationOf(agent.publicKeys)), bank.privateKeys);
  const chain = await closeMandate(root, closed.payment, agent.privateKeys, LAST);
  const forProvider = open('payment', confirmationOf(provider.publicKeys));
  const longer = await delegateMandate(root, forProvider, agent.privateKeys, MIDDLE);
  const three = await closeMandate(longer, closed.payment, provider.privateKeys, LAST);
  const [first = '', second = '', third = ''] = tokensOf(three);
  const [, hop = ''] = tokensOf(chain);
  const foreign = await generateMandateKeys({ kid: bank.kid });
  const withhold = (token: string): string => token.split('~').toSpliced(1, 1).join('~');
  const elsewhere = async (audience: string, nonce: string): Promise<string> =>
    closeMandate(root, closed.payment, agent.privateKeys, { audience, nonce });
  const byAnother = await issueMandate(
    open('payment', confirmationOf(agent.publicKeys)),
    foreign.privateKeys,
  );

  const cases: Tampered[] = [
    {
      id: 'claim of the root',
      chain: changeToken(chain, 0, (token) => changeClaims(token, { iss: 'x' })),
      code: 'ERR_MANDATE_ES256_INVALID',
    },
    {
      id: 'claim of the hop',
      chain: changeToken(chain, 1, (token) => changeClaims(token, { nonce: NONCE, x: 1 })),
      code: 'ERR_MANDATE_ES256_INVALID',
    },
    {
      id: 'signature of the root',
      chain: changeToken(chain, 0, changeSignature),
      code: 'ERR_MANDATE_ES256_INVALID',
    },
    {
      id: 'signature of the hop',
      chain: changeToken(chain, 1, changeSignature),
      code: 'ERR_MANDATE_ES256_INVALID',
    },
    {
      id: 'open mandate',
      chain: changeToken(chain, 0, (token) => changeMandate(token, { exp: 9_999_999_999 })),
      code: 'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
    },
    {
      id: 'closed mandate',
      chain: changeToken(chain, 1, (token) =>
        changeMandate(token, { payment_amount: { amount: 1, currency: 'USD' } }),
      ),
      code: 'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
      acceptedBy: ['SDK'],
    },
    {
      id: 'disclosure withheld under sd_hash',
      chain: changeToken(chain, 0, withhold),
      code: 'ERR_MANDATE_BINDING_INVALID',
    },
    {
      id: 'root of another bank',
      chain: await closeMandate(byAnother, closed.payment, agent.privateKeys, LAST),
      code: 'ERR_MANDATE_ES256_INVALID',
    },
    { id: 'hop of another chain', chain: join(otherRoot, hop), code: 'ERR_MANDATE_BINDING_INVALID' },
    { id: 'hop taken out', chain: join(first, third), code: 'ERR_MANDATE_KEY_UNRESOLVED' },
    { id: 'hops swapped', chain: join(first, third, second), code: 'ERR_MANDATE_KEY_UNRESOLVED' },
    { id: 'root repeated', chain: join(first, first, second, third), code: 'ERR_MANDATE_KEY_UNRESOLVED' },
    { id: 'root alone', chain: first, code: 'ERR_MANDATE_CHAIN_INVALID' },
    {
      id: 'last hop taken away',
      chain: longer,
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
      acceptedBy: ['SDK'],
    },
    {
      id: 'for another audience',
      chain: await elsewhere('https://other.example', NONCE),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    },
    {
      id: 'with another nonce',
      chain: await elsewhere(AUDIENCE, 'another'),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    },
  ];
  return cases.map((item) => ({ policy: 'pq-required', ...item }));
}

/** Rightly signed with the classical keys that a chain names, and wrong in another way. */
async function missigned(parties: Parties): Promise<Tampered[]> {
  const { bank, agent, provider, open, closed } = parties;
  const now = Math.floor(Date.now() / 1000);
  const mandate = open('payment', classical(agent));
  const hopClaims = { iat: now, aud: AUDIENCE, nonce: NONCE };
  const rootOf = (forgery: Partial<Forgery>): Promise<string> =>
    forge({ key: bank.privateKeys.es256, elements: [mandate], ...forgery });
  const hopOf = (root: string, forgery: Partial<Forgery>, claims: object = sdHashOf(root)): Promise<string> =>
    forge({
      key: agent.privateKeys.es256,
      typ: 'kb+sd-jwt',
      elements: [closed.payment],
      ...forgery,
      claims: { ...hopClaims, ...claims },
    });
  const root = await rootOf({});
  const withRoot = async (forgery: Partial<Forgery>): Promise<string> => {
    const forged = await rootOf(forgery);
    return join(forged, await hopOf(forged, {}));
  };
  const withHop = async (forgery: Partial<Forgery>, claims?: object): Promise<string> =>
    join(root, await hopOf(root, forgery, claims));
  const { sd_hash } = sdHashOf(root);
  const issuer_jwt_hash = digest(root.split('~')[0] as string);

  const hidden = disclosureOf(mandate.constraints[1]);
  const constraints = mandate.constraints.toSpliced(1, 1, { '...': digest(hidden) } as never);
  const inTheMiddle = await hopOf(root, {}, { ...sdHashOf(root), cnf: classical(provider).cnf });
  const afterClosed = await hopOf(inTheMiddle, { key: provider.privateKeys.es256 });

  return [
    { id: 'neither hash', chain: await withHop({}, {}), code: 'ERR_MANDATE_BINDING_INVALID' },
    {
      id: 'both hashes',
      chain: await withHop({}, { sd_hash, issuer_jwt_hash }),
      code: 'ERR_MANDATE_BINDING_INVALID',
    },
    {
      id: 'sd_hash with the value of the other',
      chain: await withHop({}, { sd_hash: issuer_jwt_hash }),
      code: 'ERR_MANDATE_BINDING_INVALID',
    },
    {
      id: 'issuer_jwt_hash with the value of the other',
      chain: await withHop({}, { issuer_jwt_hash: sd_hash }),
      code: 'ERR_MANDATE_BINDING_INVALID',
    },
    {
      id: 'hop of another key',
      chain: await withHop({ key: provider.privateKeys.es256 }),
      code: 'ERR_MANDATE_ES256_INVALID',
    },
    { id: 'typ of a JWT', chain: await withHop({ typ: 'JWT' }), code: 'ERR_MANDATE_CHAIN_INVALID' },
    {
      id: 'typ of an open hop, closed mandate',
      chain: await withHop({ typ: 'kb+sd-jwt+kb' }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
    },
    {
      id: 'typ of a closed hop, open mandate',
      chain: await withHop({ elements: [open('payment', classical(provider))] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
    },
    {
      id: 'closed mandate with cnf',
      chain: await withHop({ elements: [{ ...closed.payment, ...classical(provider) }] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
    },
    {
      id: 'closed hop in the middle',
      chain: join(root, inTheMiddle, afterClosed),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: ['SDK'],
    },
    {
      id: 'root with the typ of a hop',
      chain: await withRoot({ typ: 'kb+sd-jwt' }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: EVERYONE,
    },
    {
      id: 'two mandates in the root',
      chain: await withRoot({ elements: [mandate, mandate] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
    },
    {
      id: 'two mandates in the hop',
      chain: await withHop({ elements: [closed.payment, { ...closed.payment, transaction_id: 'x' }] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: ['SDK'],
    },
    {
      id: 'no mandate in the hop',
      chain: await withHop({ elements: [] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: ['SDK'],
    },
    {
      id: 'mandate in the clear',
      chain: await withHop({ elements: [], inTheClear: [closed.payment] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: EVERYONE,
    },
    {
      id: 'disclosure of nothing',
      chain: await withHop({ disclosures: [disclosureOf('x')] }),
      code: 'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
      acceptedBy: EVERYONE,
    },
    {
      id: 'constraint withheld',
      chain: await withRoot({ elements: [{ ...mandate, constraints }] }),
      code: 'ERR_MANDATE_SCHEMA',
      acceptedBy: EVERYONE,
    },
    {
      id: 'two members of one name',
      chain: await withHop({ rewrite: (json) => json.replace('{', '{"nonce":"first",') }),
      code: 'ERR_MANDATE_MALFORMED',
      acceptedBy: EVERYONE,
    },
    {
      id: 'hop without iat',
      chain: await withHop({}, { sd_hash, iat: undefined }),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    },
    {
      id: 'open mandate has expired',
      chain: await withRoot({ elements: [{ ...mandate, exp: now - 3600 }] }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'root has expired',
      chain: await withRoot({ claims: { exp: now - 3600 } }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'closed mandate has expired',
      chain: await withHop({ elements: [{ ...closed.payment, exp: now - 3600 }] }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'hop has expired',
      chain: await withHop({}, { sd_hash, exp: now - 3600 }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'hop of the future',
      chain: await withHop({}, { sd_hash, iat: now + 3600 }),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    },
    {
      id: 'root not valid yet',
      chain: await withRoot({ claims: { nbf: now + 3600 } }),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
      acceptedBy: ['SDK'],
    },
    {
      id: 'hop has expired two minutes ago',
      chain: await withHop({}, { sd_hash, exp: now - 120 }),
      code: 'ERR_JWT_EXPIRED',
      acceptedBy: EVERYONE,
    },
  ];
}

/** By whoever has recovered the classical keys: nothing is wrong but the post-quantum signatures. */
async function forged(parties: Parties): Promise<Tampered[]> {
  const { bank, agent, open, closed } = parties;
  // Under the names of those whose ES256 keys are broken.
  const asAgent = await generateMandateKeys({ kid: agent.kid });
  const asBank = await generateMandateKeys({ kid: bank.kid });
  const promised = open('payment', confirmationOf(agent.publicKeys));
  const root = await issueMandate(promised, bank.privateKeys);
  const claims = { iat: Math.floor(Date.now() / 1000), aud: AUDIENCE, nonce: NONCE, ...sdHashOf(root) };
  const unsigned = await forge({
    key: agent.privateKeys.es256,
    typ: 'kb+sd-jwt',
    claims,
    elements: [closed.payment],
  });
  const misSigned = await signMandate(
    { ...claims, delegate_payload: [closed.payment] },
    { es256: agent.privateKeys.es256, mldsa65: asAgent.privateKeys.mldsa65 },
    {
      header: { typ: 'kb+sd-jwt' },
      disclosureFrame: { delegate_payload: { _sd: [0] } } as never,
    },
  );
  const opened = open('payment', confirmationOf(asAgent.publicKeys));
  const classicalRoot = await forge({ key: bank.privateKeys.es256, elements: [opened] });
  const misSignedRoot = await issueMandate(opened, {
    es256: bank.privateKeys.es256,
    mldsa65: asBank.privateKeys.mldsa65,
  });
  const closedBy = (token: string): Promise<string> =>
    closeMandate(token, closed.payment, asAgent.privateKeys, LAST);

  const cases: Tampered[] = [
    { id: 'hop without its promised pq_sig', chain: join(root, unsigned), code: 'ERR_MANDATE_PQ_REQUIRED' },
    {
      id: 'hop with the pq_sig of another',
      chain: join(root, misSigned),
      code: 'ERR_MANDATE_ML_DSA_65_INVALID',
    },
    {
      id: 'root without pq_sig',
      chain: await closedBy(classicalRoot),
      code: 'ERR_MANDATE_PQ_REQUIRED',
      policy: 'pq-required',
    },
    {
      id: 'root with the pq_sig of another',
      chain: await closedBy(misSignedRoot),
      code: 'ERR_MANDATE_ML_DSA_65_INVALID',
    },
  ];
  return cases.map((item) => ({ ...item, acceptedBy: EVERYONE }));
}

export async function tampered(peer: Peer, parties: Parties): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const kinds = [
    ['changed without a key', changed],
    ['signed by the holder, and wrong', missigned],
    ['signed with broken ES256 keys', forged],
  ] as const;
  for (const [kind, make] of kinds) {
    for (const { id, chain, code, acceptedBy = [], policy = 'pq-optional' } of await make(parties)) {
      const compared = async (): Promise<Outcome[]> => {
        const here = await codeOf(verifyHere(chain, parties, 'payment', policy));
        const { error } = await verifyThere(peer, chain, parties);
        const isAccepted = acceptedBy.includes(peer.name);
        return [
          compare(`${kind}: refused here`, id, here, code),
          compare(
            `${kind}: ${isAccepted ? 'ACCEPTED' : 'refused'} there`,
            id,
            error === undefined,
            isAccepted,
          ),
        ];
      };
      outcomes.push(...(await point(kind, id, compared)));
    }
  }
  return outcomes;
}
