// Types as a user meets them: strict, without Node's types, and library declarations checked.
import {
  type AnyMandateErrorCode,
  addPqSignature,
  confirmationOf,
  decodeMandate,
  generateMandateKeys,
  type MandatePublicKeys,
  signMandate,
  type VerifiedMandate,
  verifyMandate,
  verifyPqSignature,
} from 'ap2-pq';
import {
  issueMandate,
  type OpenPaymentMandate,
  type VerifiedMandateChain,
  verifyMandateChain,
} from 'ap2-pq/ap2';
import { observe, type TelemetryTracer } from 'ap2-pq/opentelemetry';

interface Payment {
  amount: string;
  payees: { id: string }[];
  note?: string;
}

const { privateKeys, publicKeys, jwks } = await generateMandateKeys({ kid: 'a' });
const payment: Payment = { amount: '1.00', payees: [{ id: 'x' }] };
const mandate: string = await signMandate(payment, privateKeys, {
  pqAlg: 'ES256+ML-DSA-65',
  disclosureFrame: { _sd: ['amount'], payees: { _sd: [0], _sd_decoy: 1, 0: { _sd: ['id'] } } },
});
// @ts-expect-error: the frame names a member that the payload does not have
await signMandate(payment, privateKeys, { disclosureFrame: { _sd: ['amuont'] } });
// @ts-expect-error: no such algorithm
await signMandate(payment, privateKeys, { pqAlg: 'ML-DSA-44' });
// @ts-expect-error: a public key does not sign
await signMandate(payment, publicKeys);

const result: VerifiedMandate<Payment> = await verifyMandate<Payment>(mandate, publicKeys, {
  policy: 'pq-only',
});
const amount: string = result.payload.amount;
const resolver = async (_: object, issuer: string | undefined): Promise<MandatePublicKeys> =>
  issuer ? publicKeys : {};
await verifyMandate(mandate, resolver);
const tracer: TelemetryTracer = {
  startActiveSpan: (_, run) => run({ setAttributes: () => 0, setStatus: () => 0, end: () => undefined }),
};
const observed: typeof verifyMandate = observe(verifyMandate, { tracer, issuers: { a: 'a' } });
await observed<Payment>(mandate, publicKeys);
const alone = { mldsa65: privateKeys.mldsa65 };
await verifyMandate(await signMandate(payment, alone, { algorithm: 'ML-DSA-65' }), publicKeys, {
  policy: 'pq-only',
  algorithms: ['ML-DSA-65'],
});
// @ts-expect-error: ES256 needs its key
await signMandate(payment, alone);
// @ts-expect-error: no such algorithm
await verifyMandate(mandate, publicKeys, { policy: 'pq-only', algorithms: ['ML-DSA-44'] });
// @ts-expect-error: no such policy
await verifyMandate(mandate, publicKeys, { policy: 'none' });

const { protectedHeader, payload } = await addPqSignature({ kid: 'a' }, payment, privateKeys);
const alg: 'ES256' = protectedHeader.alg;
const safe: boolean = (await verifyPqSignature(mandate, { mldsa65: publicKeys.mldsa65 })).quantumSafe;
const unverified: false = decodeMandate(mandate).verified;

const open: OpenPaymentMandate = {
  vct: 'mandate.payment.open.1',
  constraints: [{ type: 'payment.reference', conditional_transaction_id: 'x' }],
  ...confirmationOf(publicKeys),
};
const root: string = await issueMandate(open, privateKeys);
const chain = (): Promise<VerifiedMandateChain> =>
  verifyMandateChain(root, publicKeys, { audience: 'a', nonce: 'n' });
// @ts-expect-error: a chain needs an audience and a nonce
const careless = () => verifyMandateChain(root, publicKeys, {});

/** A switch over the codes that the compiler holds complete, but for those of one group. */
function isClaim(code: AnyMandateErrorCode): boolean {
  switch (code) {
    case 'ERR_JWT_EXPIRED':
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return true;
    default: {
      const rest: `ERR_${string}` = code;
      return rest === undefined;
    }
  }
}

export { alg, amount, careless, chain, isClaim, jwks, payload, safe, unverified };
