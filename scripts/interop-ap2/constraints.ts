// Compares our evaluation of AP2's constraints with that of its SDK, case by case.
import {
  checkoutHash,
  evaluateCheckoutConstraints,
  evaluatePaymentConstraints,
  type OpenCheckoutMandate,
  type OpenPaymentMandate,
  type PaymentMandate,
} from 'ap2-pq/ap2';
import { compare, type Outcome } from '../interop/cases.js';
import type { ConstraintCase } from './constraint-cases.js';
import { laxer, stricter } from './constraint-purpose.js';
import { agreed } from './constraint-random.js';
import { codeOf } from './outcomes.js';
import type { Peer } from './peer.js';

/** The number of cases for payments, and also for checkouts. */
const CASES = 5000;

/** Whether we accept. A parsing error counts as a rejection. */
async function acceptsHere(item: ConstraintCase): Promise<boolean> {
  let violations = 0;
  const code = await codeOf(
    (async () => {
      violations = evaluate(item).length;
    })(),
  );
  return code === 'accepted' && violations === 0;
}

function evaluate({
  kind,
  open,
  closed,
  checkout,
  openCheckoutHashes,
  history,
  currentDate,
}: ConstraintCase) {
  if (kind === 'checkout') {
    const checkout_jwt = `e30.${Buffer.from(JSON.stringify(checkout)).toString('base64url')}.e30`;
    const mandate = {
      vct: 'mandate.checkout.1',
      checkout_jwt,
      checkout_hash: checkoutHash(checkout_jwt),
    } as const;
    return evaluateCheckoutConstraints(open as OpenCheckoutMandate, mandate);
  }
  return evaluatePaymentConstraints(open as OpenPaymentMandate, closed as PaymentMandate, {
    currentDate: new Date(currentDate as string),
    ...(openCheckoutHashes && { openCheckoutHashes }),
    ...(history && { history: history.map((use) => ({ ...use, usedAt: new Date(use.usedAt) })) as never }),
  });
}

async function acceptsThere(peer: Peer, item: ConstraintCase): Promise<boolean> {
  const { error, violations } = await peer.ask('constraints', { case: item });
  return error === undefined && (violations as unknown[]).length === 0;
}

export async function constraints(peer: Peer): Promise<Outcome[]> {
  if (!peer.isSdk) return [];
  const judge = async (group: string, item: ConstraintCase, expected?: readonly [boolean, boolean]) => {
    const [here, there] = await Promise.all([acceptsHere(item), acceptsThere(peer, item)]);
    return compare(group, item.id, [here, there], expected ?? [there, there]);
  };
  const random = await Promise.all(
    agreed(CASES).map(async (item) => {
      const outcome = await judge(`constraints: random ${item.kind}s, same verdict`, item);
      return { ...outcome, isAccepted: await acceptsHere(item) };
    }),
  );
  // A generator that makes only good or only bad cases would prove nothing.
  const accepted = random.filter(({ isAccepted }) => isAccepted).length;
  const isMixed = accepted > CASES / 10 && accepted < 2 * CASES - CASES / 10;
  return [
    ...random.map(({ group, id, failure }) => ({ group, id, failure })),
    compare(`constraints: ${accepted} of ${random.length} random cases are accepted`, '', isMixed, true),
    ...(await Promise.all(
      stricter.map((item) =>
        judge('constraints: on purpose, refused here, ACCEPTED there', item, [false, true]),
      ),
    )),
    ...(await Promise.all(
      laxer.map((item) =>
        judge('constraints: on purpose, accepted here, REFUSED there', item, [true, false]),
      ),
    )),
  ];
}
