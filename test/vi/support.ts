import { checkoutHash } from '../../src/ap2/index.js';
import { generateMandateKeys, type MandatePrivateKeys } from '../../src/index.js';
import {
  type CloseViOptions,
  closeViCheckout,
  closeViPayment,
  issueViAutonomous,
  issueViCredential,
  issueViImmediate,
  type VerifyViOptions,
  type ViCheckout,
  type ViNames,
  type ViOpenPair,
  type ViPresentation,
  verifyViMandates,
  verifyViPresentation,
  viConfirmationOf,
} from '../../src/vi/index.js';
import type { Built } from '../../vectors/generate/vi/draft.js';
import { content as bought, HASH, TO } from '../../vectors/generate/vi/parties.js';

export const NOW = new Date('2026-03-02T12:00:00Z');
export const SECONDS = NOW.getTime() / 1000;
export const NETWORK = 'https://network.example';
export const MERCHANT = 'https://tea.example';
export const CHECKOUT_JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJjYXJ0IjoxfQ.c2ln';
export const OTHER_JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJjYXJ0IjoyfQ.c2ln';

export const teaHouse = { id: 'm-1', name: 'Tea House', website: 'https://tea.example' };
export const potShop = { id: 'm-2', name: 'Töpferei 茶', website: 'https://pot.example' };
export const items = [
  { id: 'tea-1', title: 'Sencha' },
  { id: 'tea-2', title: 'Grüner Tee' },
];
export const card = { id: 'card-8842', type: 'card', description: 'Card **** 1234' };
export const content: ViCheckout = { merchant: teaHouse, lineItems: [{ id: 'tea-1', quantity: 1 }] };

export interface Parties {
  readonly issuer: Awaited<ReturnType<typeof generateMandateKeys>>;
  readonly user: Awaited<ReturnType<typeof generateMandateKeys>>;
  readonly agent: Awaited<ReturnType<typeof generateMandateKeys>>;
}

let made: Promise<Parties> | undefined;
/** The same keys for every test of a file. */
export const parties = (): Promise<Parties> => {
  made ??= (async () => ({
    issuer: await generateMandateKeys(),
    user: await generateMandateKeys(),
    agent: await generateMandateKeys(),
  }))();
  return made;
};

export const credentialClaims = (user: Parties['user'], more: object = {}) => ({
  iss: 'https://bank.example',
  sub: 'user-1',
  vct: 'https://credentials.mastercard.com/card',
  iat: SECONDS - 1000,
  exp: SECONDS + 30 * 86_400,
  pan_last_four: '1234',
  scheme: 'mastercard',
  card_id: card.id,
  email: 'zoë@example.com',
  ...viConfirmationOf(user.publicKeys),
  ...more,
});

export const credential = async (more: object = {}, privateKeys?: MandatePrivateKeys): Promise<string> => {
  const { issuer, user } = await parties();
  const options = { disclosable: ['email'] };
  return issueViCredential(credentialClaims(user, more), privateKeys ?? issuer.privateKeys, options);
};

export const openPair = (payment: readonly object[] = [], checkout: readonly object[] = []): ViOpenPair => ({
  checkout: {
    constraints: [
      { type: 'mandate.checkout.allowed_merchants', allowed: [potShop, teaHouse] },
      { type: 'mandate.checkout.line_items', items: [{ id: 'r1', acceptable_items: items, quantity: 2 }] },
      ...checkout,
    ],
  },
  payment: {
    payment_instrument: card,
    constraints: [
      { type: 'mandate.payment.allowed_payees', allowed: [potShop, teaHouse] },
      { type: 'mandate.payment.amount_range', currency: 'USD', min: 100, max: 20_000 },
      ...payment,
    ],
  },
});

export const layer2Options = (names: ViNames = 'versioned', more: object = {}) => ({
  audience: 'https://agent.example',
  nonce: 'n-layer-2',
  issuer: 'https://wallet.example',
  expiresIn: '7d',
  currentDate: NOW,
  names,
  ...more,
});

/** Layers 1 and 2 of an autonomous intent. */
export const intent = async (
  pairs: readonly ViOpenPair[] = [openPair()],
  names: ViNames = 'versioned',
  layer1?: string,
): Promise<ViPresentation> => {
  const { user, agent } = await parties();
  const first = layer1 ?? (await credential());
  return {
    layer1: first,
    layer2: await issueViAutonomous(first, pairs, agent.publicKeys, user.privateKeys, layer2Options(names)),
  };
};

export const payment = (more: object = {}) => ({
  transaction_id: checkoutHash(CHECKOUT_JWT),
  payee: teaHouse,
  payment_amount: { amount: 12_500, currency: 'USD' },
  payment_instrument: card,
  ...more,
});

export const closing = (audience: string, more: Partial<CloseViOptions> = {}): CloseViOptions => ({
  audience,
  nonce: 'n-layer-3',
  issuer: 'https://agent.example',
  currentDate: NOW,
  ...more,
});

export const toNetwork = async (
  given?: ViPresentation,
  more: object = {},
  options: Partial<CloseViOptions> = {},
): Promise<ViPresentation> => {
  const { agent } = await parties();
  return closeViPayment(
    given ?? (await intent()),
    payment(more),
    agent.privateKeys,
    closing(NETWORK, options),
  );
};

export const toMerchant = async (
  given?: ViPresentation,
  checkout: { checkoutJwt: string; content: ViCheckout } = { checkoutJwt: CHECKOUT_JWT, content },
  options: Partial<CloseViOptions> = {},
): Promise<ViPresentation> => {
  const { agent } = await parties();
  return closeViCheckout(given ?? (await intent()), checkout, agent.privateKeys, closing(MERCHANT, options));
};

export const immediate = async (
  names: ViNames = 'versioned',
  jwts = [CHECKOUT_JWT],
): Promise<ViPresentation> => {
  const { user } = await parties();
  const layer1 = await credential();
  const { transaction_id: _, ...values } = payment();
  const pairs = jwts.map((checkoutJwt) => ({ checkoutJwt, payment: values }));
  const options = layer2Options(names, { audience: NETWORK, nonce: 'n-layer-3', expiresIn: '15m' });
  return { layer1, layer2: await issueViImmediate(layer1, pairs, user.privateKeys, options) };
};

export const network = (more: Partial<VerifyViOptions> = {}): VerifyViOptions => ({
  role: 'network',
  audience: NETWORK,
  nonce: 'n-layer-3',
  currentDate: NOW,
  context: { history: () => [], checkoutHash: checkoutHash(CHECKOUT_JWT) },
  ...more,
});

export const merchant = (more: Partial<VerifyViOptions> = {}): VerifyViOptions => ({
  role: 'merchant',
  audience: MERCHANT,
  nonce: 'n-layer-3',
  currentDate: NOW,
  context: { history: () => [], checkoutHash: checkoutHash(CHECKOUT_JWT), readCheckout: () => content },
  ...more,
});

/** What is demanded of a forged chain, which is classical. */
export const ofTheirs = (role: 'network' | 'merchant'): VerifyViOptions => ({
  role,
  audience: TO[role],
  nonce: TO.nonce3,
  policy: 'pq-optional',
  context: {
    checkoutHash: HASH,
    history: () => [],
    ...(role === 'merchant' && { readCheckout: () => bought }),
  },
});

/** What we make of a forged chain: refused where one leg is, since an attacker shows whichever is taken. */
export async function oursOf(
  { layer1, layer2, legs }: Built,
  { whole }: { readonly whole?: true },
  { issuer }: { readonly issuer: Parties['issuer'] },
): Promise<string> {
  const keys = { es256: issuer.publicKeys.es256 };
  const run = async (verify: () => Promise<unknown>): Promise<string> =>
    verify().then(
      () => 'accepted',
      (error: Error & { code?: string }) => `${error.code}`,
    );
  if (whole) return run(() => verifyViMandates({ layer1, layer2 }, keys, { policy: 'pq-optional' }));
  const shown = (role: 'network' | 'merchant', view: object | undefined): Promise<string> =>
    run(() => verifyViPresentation({ layer1, ...view } as ViPresentation, keys, ofTheirs(role)));
  const [leg] = legs;
  if (leg === undefined) return shown('network', { layer2 });
  const verdicts = [await shown('network', leg.payment), await shown('merchant', leg.checkout)];
  return verdicts.find((verdict) => verdict !== 'accepted') ?? 'accepted';
}
