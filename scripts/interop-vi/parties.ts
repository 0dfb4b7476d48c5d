// The requests to the other implementations, and the keys.
import { type Es256PrivateJwk, generateMandateKeys } from 'ap2-pq';
import { type ViNames, viConfirmationOf } from 'ap2-pq/vi';
import {
  CHECKOUT_JWT,
  claimsAt,
  items,
  type Leg,
  payment,
  potShop,
  type TO,
  teaHouse,
} from '../../vectors/generate/vi/parties.js';

/** A chain that another implementation made. */
export interface Theirs extends Leg {
  readonly layer1: string;
  readonly layer2: string;
}

/** The input from which another implementation makes a chain. */
export interface TheirRequest {
  readonly keys: {
    readonly issuer: Es256PrivateJwk;
    readonly user: Es256PrivateJwk;
    readonly agent: Es256PrivateJwk;
  };
  readonly claims: object;
  readonly mode: 'immediate' | 'autonomous';
  readonly pair: ReturnType<typeof theirPair>;
  readonly to: typeof TO & { readonly iat: number };
}

/** The same for another implementation, under its names. */
export function theirPair(names: ViNames) {
  const plain = names === 'plain';
  const merchants = [teaHouse, potShop];
  return {
    merchants,
    items,
    checkout_jwt: CHECKOUT_JWT,
    payment,
    checkout_constraints: [
      plain
        ? { type: 'mandate.checkout.allowed_merchant', allowed_merchants: merchants }
        : { type: 'mandate.checkout.allowed_merchants', allowed: merchants },
      { type: 'mandate.checkout.line_items', items: [{ id: 'r1', acceptable_items: items, quantity: 1 }] },
    ],
    payment_constraints: [
      plain
        ? { type: 'payment.allowed_payee', allowed_payees: merchants }
        : { type: 'mandate.payment.allowed_payees', allowed: merchants },
      {
        type: plain ? 'payment.amount' : 'mandate.payment.amount_range',
        currency: 'USD',
        min: 1000,
        max: 40_000,
      },
    ],
  };
}

export type Parties = Awaited<ReturnType<typeof gather>>;

export async function gather() {
  const [issuer, user, agent] = await Promise.all([
    generateMandateKeys(),
    generateMandateKeys(),
    generateMandateKeys(),
  ]);
  const iat = Math.floor(Date.now() / 1000);
  const claims = claimsAt(iat);
  return { issuer, user, agent, iat, claims, confirmation: viConfirmationOf(user.publicKeys) };
}
