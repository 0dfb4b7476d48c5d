import { createLedger } from 'ap2-pq/ledger';
import { createMemoryStore } from 'ap2-pq/ledger/conformance';

// In memory, for this example: a restart loses it. See "Stores" for durable ones.
const ledger = await createLedger(createMemoryStore(), { scope: 'merchant' });

// 1. Issue a nonce for the checkout. The agent signs it into its mandate.
const checkoutHash = 'x7gyLWVWv1z5wWAHzVYtuXBrMD3GU0bqxYQLqPVYUz0';
const { nonce } = await ledger.issueNonce({ binding: checkoutHash });

// 2. Once the signatures are verified, reserve everything that the payment consumes, or nothing.
const openMandate = 'identity-of-the-open-mandate';
/** @type {import('ap2-pq/ledger').LedgerRequest} */
const request = {
  attempt: 'order 1001', // your name for this payment: the same on each retry
  entries: [
    { kind: 'not-revoked', key: openMandate },
    { kind: 'nonce', nonce, binding: checkoutHash },
    { kind: 'unique', namespace: 'transaction_id', value: checkoutHash },
    { kind: 'use', mandate: openMandate, amount: 12_500n, currency: 'USD' }, // minor units
  ],
  // Runs in one process at a time, with the earlier uses. It returns reasons to reject.
  decide: (histories) => {
    const uses = histories.get(openMandate) ?? [];
    const total = uses.reduce((sum, { amount = 0n }) => sum + amount, 12_500n);
    return total > 20_000n ? [`${total} of 20000 would be spent`] : [];
  },
  record: { verdict: 'accepted', nonce },
};
const { id, state } = await ledger.reserve(request);
console.log(state); // reserved

// 3. Authorise the card. If it is declined: ledger.release(id).
// 4. Commit. Only then charge, capture, or hand over the goods.
await ledger.commit(id);
console.log((await ledger.reserve(request)).state); // committed

// 5. A second order for the same checkout is rejected, in every process.
try {
  await ledger.reserve({ ...request, attempt: 'order 1002' });
} catch (error) {
  console.log(/** @type {{ code: string }} */ (error).code); // ERR_LEDGER_USED
}
