// Forged by an attacker who has recovered the classical keys: only the post-quantum signatures are wrong.
import { confirmationOf, generateMandateKeys, signMandate } from 'ap2-pq';
import { closeMandate, issueMandate } from 'ap2-pq/ap2';
import { forge, join, sdHashOf } from './forge.js';
import { AUDIENCE, NONCE, type Parties } from './parties.js';
import { EVERYONE, type Tampered } from './tampered-case.js';

const LAST = { audience: AUDIENCE, nonce: NONCE };

export async function forged(parties: Parties): Promise<Tampered[]> {
  const { bank, agent, open, closed } = parties;
  // In the name of the parties whose ES256 keys are broken.
  const asAgent = await generateMandateKeys({ kid: agent.kid });
  const asBank = await generateMandateKeys({ kid: bank.kid });
  const promised = open('payment', confirmationOf(agent.publicKeys));
  const root = await issueMandate(promised, bank.privateKeys);
  const claims = { iat: Math.floor(Date.now() / 1000), aud: AUDIENCE, nonce: NONCE, ...sdHashOf(root) };
  const unsigned = forge({
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
  const classicalRoot = forge({ key: bank.privateKeys.es256, elements: [opened] });
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
