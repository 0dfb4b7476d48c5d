// Receipts both ways. They refer to the last token of a chain.
import {
  createCheckoutReceipt,
  createPaymentReceipt,
  type Receipt,
  signReceipt,
  type VerifyReceiptOptions,
  verifyReceipt,
} from 'ap2-pq/ap2';
import { digestOf } from '../../vectors/generate/forge/disclosures.js';
import { compare, type Outcome } from '../interop/cases.js';
import { issueOurs, verifyHere, verifyThere } from './ours.js';
import { codeOf, combinations, label, point } from './outcomes.js';
import { KINDS, type Kind, type Parties } from './parties.js';
import type { Peer } from './peer.js';

const STATUSES = ['Success', 'Error'] as const;
const FORMS = ['issuer_jwt_hash', 'sd_hash'] as const;
const OUTCOMES = {
  Success: {
    payment: { status: 'Success', psp_confirmation_id: 'psp_1', network_confirmation_id: 'network_1' },
    checkout: { status: 'Success', order_id: 'order_1' },
  },
  Error: {
    payment: { status: 'Error', error: 'invalid_mandate', error_description: 'too much' },
    checkout: { status: 'Error', error: 'unresolved_constraint', error_description: 'what is that' },
  },
} as const;

function receiptOf(kind: Kind, status: (typeof STATUSES)[number], reference: string): Receipt {
  const common = { iss: 'https://merchant.example', reference };
  return kind === 'payment'
    ? createPaymentReceipt({ ...common, payment_id: 'payment_1', ...OUTCOMES[status].payment })
    : createCheckoutReceipt({ ...common, ...OUTCOMES[status].checkout });
}

export async function receipts(peer: Peer, parties: Parties): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const { merchant } = parties;
  const root = merchant.publicKeys.es256;
  for (const kind of KINDS) {
    const chain = await issueOurs(parties, {
      kind,
      pqAlg: 'ML-DSA-65',
      pqCnf: 'jwk',
      binding: 'sd_hash',
      hops: 2,
      disclosed: 'all',
    });
    const { receiptReference } = await verifyHere(chain, parties, kind);
    const there = await verifyThere(peer, chain, parties);
    const references = { issuer_jwt_hash: there.reference, sd_hash: (there.sd_hashes as string[])[1] };

    const axes = { status: STATUSES, form: FORMS, pqAlg: ['none', 'ML-DSA-65', 'ES256+ML-DSA-65'] as const };
    for (const { status, form, pqAlg } of combinations(axes)) {
      const group = 'our receipts there';
      const id = label({ kind, status, form, pqAlg });
      const compared = async (): Promise<Outcome[]> => {
        const content = receiptOf(kind, status, receiptReference[form]);
        const receipt = await signReceipt(content, merchant.privateKeys, { pqAlg });
        const request = { receipt, root, is_payment: kind === 'payment' };
        // Computed by the peer itself, so that the two must be equal.
        const answer = await peer.ask('verify-receipt', { ...request, reference: references[form] });
        const other = await peer.ask('verify-receipt', {
          ...request,
          reference: digestOf('another mandate'),
        });
        return [
          compare(`${group}: accepted, same content`, id, answer.error ?? answer.receipt, content),
          compare(`${group}: refused for another mandate`, id, typeof other.error, 'string'),
        ];
      };
      outcomes.push(...(await point(group, id, compared)));
    }

    for (const { status, form } of combinations({ status: STATUSES, form: FORMS })) {
      const group = 'their receipts here';
      const id = label({ kind, status, form });
      const compared = async (): Promise<Outcome[]> => {
        const content = receiptOf(kind, status, references[form] as string);
        const { receipt } = await peer.get('sign-receipt', {
          receipt: content,
          key: merchant.privateKeys.es256,
        });
        const verify = (
          reference: VerifyReceiptOptions['reference'],
          policy: 'pq-optional' | 'pq-required',
        ) =>
          verifyReceipt(receipt as string, merchant.publicKeys, {
            reference,
            policy,
            kind,
            issuer: content.iss,
            status: 'any',
            allowJwtType: true,
          });
        const verified = await verify(receiptReference, 'pq-optional');
        const another = {
          sd_hash: digestOf('another mandate'),
          issuer_jwt_hash: digestOf('another mandate'),
        };
        return [
          compare(`${group}: accepted, same content`, id, { ...verified.receipt }, content),
          compare(
            `${group}: refused under pq-required`,
            id,
            await codeOf(verify(receiptReference, 'pq-required')),
            'ERR_MANDATE_PQ_REQUIRED',
          ),
          compare(
            `${group}: refused for another mandate`,
            id,
            await codeOf(verify(another, 'pq-optional')),
            'ERR_MANDATE_RECEIPT_REFERENCE',
          ),
        ];
      };
      outcomes.push(...(await point(group, id, compared)));
    }
  }
  if (peer.isSdk) outcomes.push(...(await builtReceipts(peer, parties)));
  return outcomes;
}

/** Receipts that the SDK makes up itself: one UUID for every identifier, and no issuer if the mandate names no PISP. */
async function builtReceipts(peer: Peer, { merchant, closed }: Parties): Promise<Outcome[]> {
  const group = 'receipts that the SDK makes up, here';
  const { pisp: _, ...withoutPisp } = closed.payment;
  const mandates = {
    payment: closed.payment,
    'payment without a PISP': withoutPisp,
    checkout: closed.checkout,
  };
  const outcomes: Outcome[] = [];
  for (const [id, mandate] of Object.entries(mandates)) {
    const compared = async (): Promise<Outcome[]> => {
      const reference = digestOf(id);
      const request = { mandate, reference, key: merchant.privateKeys.es256 };
      const { receipt } = await peer.get('create-receipt', request);
      // The SDK leaves the issuer empty if the mandate names no PISP.
      const options = {
        reference,
        policy: 'pq-optional',
        kind: id === 'checkout' ? 'checkout' : 'payment',
        anyIssuer: true,
        allowJwtType: true,
      } as const;
      const verified = await verifyReceipt(receipt as string, merchant.publicKeys, options);
      return [compare(`${group}: accepted`, id, verified.receipt.reference, reference)];
    };
    outcomes.push(...(await point(group, id, compared)));
  }
  return outcomes;
}
