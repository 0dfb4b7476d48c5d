// Chains that someone changed without any key.
import { confirmationOf, generateMandateKeys } from 'ap2-pq';
import { closeMandate, delegateMandate, issueMandate } from 'ap2-pq/ap2';
import { tokensOf } from '../../vectors/generate/forge/compact.js';
import { changeClaims, changeMandate, changeSignature, changeToken, join } from './forge.js';
import { AUDIENCE, NONCE, type Parties } from './parties.js';
import type { Tampered } from './tampered-case.js';

const LAST = { audience: AUDIENCE, nonce: NONCE };
const MIDDLE = { audience: 'https://provider.example', nonce: 'from-the-provider' };

export async function changed(parties: Parties): Promise<Tampered[]> {
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
