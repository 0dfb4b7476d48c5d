import { describe, expect, test } from 'vitest';
import { checkoutHash } from '../../src/ap2/index.js';
import { matchViLegs, verifyViMandates, verifyViPresentation } from '../../src/vi/index.js';
import * as s from './support.js';

const { issuer } = await s.parties();
const keys = issuer.publicKeys;

describe('the two modes', () => {
  for (const names of ['versioned', 'plain'] as const) {
    test(`autonomous, ${names}: quantum-safe in each layer, for both roles`, async () => {
      const intent = await s.intent([s.openPair()], names);
      const atNetwork = await verifyViPresentation(await s.toNetwork(intent), keys, s.network());
      const atMerchant = await verifyViPresentation(await s.toMerchant(intent), keys, s.merchant());
      for (const found of [atNetwork, atMerchant]) {
        expect(found.mode).toBe('autonomous');
        expect(found.quantumSafe).toBe(true);
        expect(found.layers.map(({ quantumSafe }) => quantumSafe)).toEqual([true, true, true]);
        expect(found.violations).toEqual([]);
        expect(found.unchecked).toEqual(['revocation']);
      }
      expect(atNetwork.payment?.payment_amount.amount).toBe(12_500);
      expect(atMerchant.checkout?.checkout_hash).toBe(checkoutHash(s.CHECKOUT_JWT));
      matchViLegs(atNetwork, atMerchant);
      const { pairs } = await verifyViMandates(intent, keys, { currentDate: s.NOW });
      expect(pairs[0]?.identities).toEqual({ checkout: atMerchant.identity, payment: atNetwork.identity });
    });

    test(`immediate, ${names}`, async () => {
      const presentation = await s.immediate(names);
      const found = await verifyViPresentation(presentation, keys, s.network());
      expect([found.mode, found.quantumSafe, found.layers.length]).toEqual(['immediate', true, 2]);
      await verifyViPresentation(presentation, keys, s.merchant({ audience: s.NETWORK }));
    });
  }
});
