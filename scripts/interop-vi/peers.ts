// The implementations of Verifiable Intent to compare with: none is in a registry, so each is given by a path.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ViNames } from 'ap2-pq/vi';
import { build, type Plugin } from 'esbuild';
import type { Leg } from '../../vectors/generate/vi/parties.js';
import { startPeer } from '../interop-ap2/peer.js';
import type { TheirRequest, Theirs } from './parties.js';

/** They use our SD-JWT library: version 0.20 merges four packages of 0.19, and cannot be installed at this time. */
const SD_JWT: Plugin = {
  name: 'sd-jwt',
  setup(builder) {
    builder.onResolve({ filter: /^@sd-jwt\/core$/ }, ({ namespace }) =>
      namespace === 'file' ? { path: 'sd-jwt', namespace: 'gathered' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'gathered' }, () => ({
      contents: ['core', 'utils', 'decode', 'types']
        .map((name) => `export * from '@sd-jwt/${name}';`)
        .join('\n'),
      resolveDir: fileURLToPath(new URL('../../../', import.meta.url)),
    }));
  },
};

/** One implementation. */
export interface ViPeer {
  readonly name: string;
  /** The names that it writes and accepts. */
  readonly names: ViNames;
  /** Its functions for layers 1 and 2, and for the legs of each pair. */
  verify(
    layer1: string,
    layer2: string,
    legs: readonly Leg[],
    issuer: object,
  ): Promise<{ readonly valid: boolean; readonly errors: readonly string[] }>;
  issue(request: TheirRequest): Promise<Theirs>;
  stop(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: what others export has no types here.
type Module = any;

/** The implementations in the folders of `paths`. */
export async function findPeers(
  paths: string,
  python: string,
  sources: string,
  builds: string,
): Promise<ViPeer[]> {
  const peers: ViPeer[] = [];
  for (const path of paths.split(delimiter).filter((each) => each !== '')) {
    const found = peers.length;
    const library = ['python/src', 'src'].map((each) => join(path, each));
    const packages = library.find((each) =>
      existsSync(join(each, 'verifiable_intent/verification/chain.py')),
    );
    if (packages !== undefined) peers.push(pythonPeer(python, join(sources, 'reference.py'), packages));
    const entries = ['packages/verifiable-intent/src/index.ts', 'typescript/src/index.ts', 'src/index.ts'];
    for (const entry of entries.map((each) => join(path, each)).filter(existsSync)) {
      peers.push(await typescriptPeer(entry, builds, peers.length));
    }
    if (peers.length === found)
      throw new Error(`"${path}" holds no implementation of Verifiable Intent that is known`);
  }
  return peers;
}

function pythonPeer(python: string, script: string, packages: string): ViPeer {
  const peer = startPeer('Python', false, python, script, { ...process.env, PYTHONPATH: packages });
  return {
    name: 'Python',
    names: 'plain',
    async verify(layer1, layer2, legs, issuer) {
      const answer = await peer.ask('verify', { layer1, layer2, legs, issuer });
      if (answer.error !== undefined) return { valid: false, errors: [`${answer.error}`] };
      return answer as unknown as { valid: boolean; errors: string[] };
    },
    issue: async (request) => (await peer.get('issue', request)) as unknown as Theirs,
    stop: () => peer.stop(),
  };
}

async function typescriptPeer(entry: string, builds: string, index: number): Promise<ViPeer> {
  const outfile = join(builds, `peer-${index}.mjs`);
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    plugins: [SD_JWT],
    logLevel: 'silent',
  });
  const module: Module = await import(pathToFileURL(outfile).href);
  if (typeof module.issueL2Autonomous === 'function') return functionsPeer(module);
  if (typeof module.createLayer2Autonomous === 'function') return classesPeer(module);
  throw new Error(`"${entry}" exports no functions of Verifiable Intent that are known`);
}

const caught = async (verify: () => Promise<{ valid: boolean; errors: string[] }>) => {
  try {
    return await verify();
  } catch (error) {
    return { valid: false, errors: [`${error}`] };
  }
};

/** lukasjhan/verifiable-intent: functions of plain objects. */
function functionsPeer(vi: Module): ViPeer {
  return {
    name: 'TypeScript, functions',
    names: 'versioned',
    verify: (layer1, layer2, legs, issuer) =>
      caught(async () => {
        const splitL3s = await Promise.all(
          legs.map(async ({ payment, checkout }) => ({
            ...(payment && {
              l3Payment: await vi.parseLayer(payment.layer3),
              l2PaymentSerialized: payment.layer2,
            }),
            ...(checkout && {
              l3Checkout: await vi.parseLayer(checkout.layer3),
              l2CheckoutSerialized: checkout.layer2,
            }),
          })),
        );
        return vi.verifyChain({
          l1: await vi.parseLayer(layer1),
          l2: await vi.parseLayer(layer2),
          ...(splitL3s.length > 0 && { splitL3s }),
          resolveIssuerKey: async () => issuer,
          now: Math.floor(Date.now() / 1000),
        });
      }),
    async issue({ keys, claims, mode, pair, to }) {
      const key = (jwk: JsonWebKey) =>
        crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
      const open = ({ d: _, ...jwk }: Record<string, unknown>) => jwk;
      const { iss, sub, vct, iat, exp, email, ...visible } = claims as Record<string, unknown>;
      const l1 = await vi.issueL1({
        ...{ iss, sub, vct, iat, exp, email, visible },
        userPublicJwk: open(keys.user),
        issuerPrivateKey: await key(keys.issuer),
        issuerKid: keys.issuer.kid,
      });
      const common = {
        l1,
        aud: to.audience2,
        nonce: to.nonce2,
        iat: to.iat,
        iss: 'https://wallet.example',
        userPrivateKey: await key(keys.user),
        userKid: keys.user.kid,
      };
      const { payment } = pair;
      const values = {
        payee: payment.payee,
        paymentAmount: payment.payment_amount,
        paymentInstrument: payment.payment_instrument,
      };
      if (mode === 'immediate') {
        const l2 = await vi.issueL2Immediate({
          ...common,
          exp: to.iat + 900,
          checkoutJwt: pair.checkout_jwt,
          ...values,
        });
        return { layer1: l1.serialized, layer2: l2.serialized };
      }
      const l2 = await vi.issueL2Autonomous({
        ...common,
        exp: to.iat + 86_400,
        agentPublicJwk: open(keys.agent),
        agentKid: keys.agent.kid,
        merchants: pair.merchants,
        acceptableItems: pair.items,
        checkoutConstraints: pair.checkout_constraints,
        paymentConstraints: pair.payment_constraints,
        paymentInstrument: payment.payment_instrument,
      });
      const network = await vi.presentL2ForNetwork(l2);
      const merchant = await vi.presentL2ForMerchant(l2);
      const hash = await vi.checkoutHash(pair.checkout_jwt);
      const final = {
        nonce: to.nonce3,
        iat: to.iat,
        exp: to.iat + 300,
        agentPrivateKey: await key(keys.agent),
        agentKid: keys.agent.kid,
        l2BaseJwt: vi.baseJwtOf(l2.serialized),
      };
      const l3a = await vi.issueL3Payment({
        ...final,
        ...values,
        aud: to.network,
        transactionId: hash,
        finalMerchant: payment.payee,
        l2PaymentDisclosure: network.disclosures[0],
        l2MerchantDisclosure: network.disclosures[1],
      });
      const l3b = await vi.issueL3Checkout({
        ...final,
        aud: to.merchant,
        checkoutJwt: pair.checkout_jwt,
        checkoutHash: hash,
        l2CheckoutDisclosure: merchant.disclosures[0],
        l2ItemDisclosure: merchant.disclosures[1],
      });
      return {
        layer1: l1.serialized,
        layer2: l2.serialized,
        payment: { layer2: network.serialized, layer3: l3a.serialized },
        checkout: { layer2: merchant.serialized, layer3: l3b.serialized },
      };
    },
    stop: async () => {},
  };
}

/** miguelvelasquezdev/verifiable-intent-js: classes as in Python, and Python's encoding of JSON. */
function classesPeer(vi: Module): ViPeer {
  return {
    name: 'TypeScript, classes',
    names: 'versioned',
    verify: (layer1, layer2, legs, issuer) =>
      caught(() =>
        vi.verifyChain(vi.decodeSdJwt(layer1), vi.decodeSdJwt(layer2), {
          issuerPublicJwk: issuer,
          l1Serialized: layer1,
          l2Serialized: layer2,
          splitL3s:
            legs.length === 0
              ? null
              : legs.map(({ payment, checkout }) => ({
                  l3Payment: payment && vi.decodeSdJwt(payment.layer3),
                  l3Checkout: checkout && vi.decodeSdJwt(checkout.layer3),
                  l2PaymentSerialized: payment?.layer2,
                  l2CheckoutSerialized: checkout?.layer2,
                })),
        }),
      ),
    async issue({ keys, claims, mode, pair, to }) {
      const open = ({ d: _, ...jwk }: Record<string, unknown>) => jwk;
      const c = claims as Record<string, unknown>;
      const layer1 = (
        await vi.createLayer1(
          new vi.IssuerCredential({
            ...c,
            cnfJwk: open(keys.user),
            panLastFour: c.pan_last_four,
            cardId: c.card_id,
          }),
          keys.issuer,
          { kid: keys.issuer.kid },
        )
      ).serialize();
      const common = {
        nonce: to.nonce2,
        aud: to.audience2,
        iat: to.iat,
        iss: 'https://wallet.example',
        sdHash: await vi.hashAscii(layer1),
      };
      const { payment } = pair;
      const amount = payment.payment_amount;
      if (mode === 'immediate') {
        const mandate = new vi.UserMandate({
          ...common,
          mode: vi.MandateMode.IMMEDIATE,
          exp: to.iat + 900,
          checkoutMandate: new vi.CheckoutMandate({
            vct: 'mandate.checkout.1',
            checkoutJwt: pair.checkout_jwt,
          }),
          paymentMandate: new vi.PaymentMandate({
            vct: 'mandate.payment.1',
            payee: payment.payee,
            paymentInstrument: payment.payment_instrument,
            ...amount,
          }),
        });
        const l2 = await vi.createLayer2Immediate(mandate, keys.user, { kid: keys.user.kid });
        return { layer1, layer2: l2.serialize() };
      }
      const agent = { cnfJwk: open(keys.agent), cnfKid: keys.agent.kid };
      const mandate = new vi.UserMandate({
        ...common,
        mode: vi.MandateMode.AUTONOMOUS,
        exp: to.iat + 86_400,
        merchants: pair.merchants,
        acceptableItems: pair.items,
        checkoutMandate: new vi.CheckoutMandate({
          ...agent,
          constraints: pair.checkout_constraints.map((each) => vi.parseConstraint(each)),
        }),
        paymentMandate: new vi.PaymentMandate({
          ...agent,
          constraints: pair.payment_constraints.map((each) => vi.parseConstraint(each)),
          paymentInstrument: payment.payment_instrument,
        }),
      });
      const l2 = await vi.createLayer2Autonomous(mandate, keys.user, { kid: keys.user.kid });
      const layer2: string = l2.serialize();
      const [base, ...disclosures] = layer2.split('~').slice(0, -1) as [string, ...string[]];
      const { length } = pair.merchants;
      const at = length + pair.items.length;
      const [merchant, item, checkoutDisclosure, paymentDisclosure] = [0, length, at, at + 1].map(
        (i) => disclosures[i],
      );
      const hash = await vi.hashAscii(pair.checkout_jwt);
      const final = { nonce: to.nonce3, iat: to.iat, exp: to.iat + 300 };
      const l3a = await vi.createLayer3Payment(
        new vi.PaymentL3Mandate({
          ...final,
          aud: to.network,
          finalMerchant: payment.payee,
          finalPayment: new vi.FinalPaymentMandate({
            transactionId: hash,
            payee: payment.payee,
            paymentAmount: amount,
            paymentInstrument: payment.payment_instrument,
          }),
        }),
        keys.agent,
        { l2BaseJwt: base, paymentDisclosure, merchantDisclosure: merchant },
        { kid: keys.agent.kid },
      );
      const l3b = await vi.createLayer3Checkout(
        new vi.CheckoutL3Mandate({
          ...final,
          aud: to.merchant,
          finalCheckout: new vi.FinalCheckoutMandate({ checkoutJwt: pair.checkout_jwt, checkoutHash: hash }),
        }),
        keys.agent,
        { l2BaseJwt: base, checkoutDisclosure, itemDisclosure: item },
        { kid: keys.agent.kid },
      );
      const view = (list: unknown[]): string => vi.buildSelectivePresentation(base, list);
      return {
        layer1,
        layer2,
        payment: { layer2: view([paymentDisclosure, merchant]), layer3: l3a.serialize() },
        checkout: { layer2: view([checkoutDisclosure, item]), layer3: l3b.serialize() },
      };
    },
    stop: async () => {},
  };
}
