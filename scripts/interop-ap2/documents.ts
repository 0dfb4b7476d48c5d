// Compares the encoded examples in AP2's documents with the text printed beside them, and with each other.
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Disclosure } from 'ap2-pq';
import {
  type ConstraintContext,
  checkoutHash,
  decodeMandateChain,
  verifyMandateChain,
  verifyOpenMandateChain,
} from 'ap2-pq/ap2';
import { digestOf } from '../../vectors/generate/forge/disclosures.js';
import { compare, type Outcome } from '../interop/cases.js';
import { join } from './forge.js';
import { point } from './outcomes.js';
import { KINDS } from './parties.js';

/** An example: the token or chain, and each of its tokens as it is printed. */
interface Example {
  readonly encoded: string;
  readonly printed: readonly PrintedToken[];
}

interface PrintedToken {
  readonly issuer_signed_jwt: { readonly header: object; readonly payload: object };
  readonly disclosures: readonly { readonly digest: string; readonly decoded: readonly unknown[] }[];
}

const EXAMPLE = /^### .*\n+```json\n([\s\S]*?)\n```\s+#### Encoded Token\s+```\n(\S+)\n```/gm;

/** The open mandate, the closed one, and the chain of both. */
async function readExamples(folder: URL, kind: string): Promise<readonly [Example, Example, Example]> {
  const text = await readFile(new URL(`${kind}_mandate.md`, folder), 'utf8');
  const examples = [...text.matchAll(EXAMPLE)].map(([, json = '', encoded = '']) => ({
    encoded,
    // The tokens of a chain are printed one after another.
    printed: JSON.parse(`[${json.replaceAll('\n}\n{', '\n},\n{')}]`) as PrintedToken[],
  }));
  if (examples.length !== 3) throw new Error(`${kind}_mandate.md has ${examples.length} encoded examples`);
  return examples as unknown as readonly [Example, Example, Example];
}

/**
 * Places where the printed text differs from the documents' own tokens. The tokens are right: they verify, and the printed text
 * would not. The only checkout is printed abridged, in place of its JWT.
 */
const ERRATA: ReadonlySet<string> = new Set([
  'payment: merchant_1.decoded.0',
  'payment: mandate.payment.open.1.decoded.1.cnf.jwk.x',
  'payment: mandate.payment.open.1.decoded.1.cnf.jwk.y',
  'payment: mandate.payment.1.decoded.0',
  'payment: mandate.payment.1.decoded.1.payment_instrument.description',
  'checkout: merchant_1.digest',
  'checkout: mandate.checkout.open.1.decoded.1.constraints.1.allowed.0....',
  'checkout: mandate.checkout.open.1.decoded.1.cnf.jwk.x',
  'checkout: mandate.checkout.open.1.decoded.1.cnf.jwk.y',
  'checkout: mandate.checkout.1.decoded.0',
  'checkout: mandate.checkout.1.decoded.1._sd.0',
  'checkout: checkout_jwt.digest',
  'checkout: checkout_jwt.decoded.2',
]);

/** The paths at which two values differ. */
function differences(found: unknown, printed: unknown, path: string): string[] {
  const areObjects = [found, printed].every((value) => typeof value === 'object' && value !== null);
  if (!areObjects) return isDeepStrictEqual(found, printed) ? [] : [path];
  const [left, right] = [found, printed] as [Record<string, unknown>, Record<string, unknown>];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].flatMap((name) => differences(left[name], right[name], `${path}.${name}`));
}

/** The display name of a disclosure. */
function labelOf({ name, value }: Disclosure): string {
  if (name !== undefined) return name;
  const { vct, id } = value as { vct?: string; id?: string };
  return vct ?? id ?? 'disclosure';
}

/** Token by token: header, payload, and the disclosures in any order. */
function compareExample(
  kind: string,
  id: string,
  { encoded, printed }: Example,
  seen: Set<string>,
): Outcome[] {
  const tokens = decodeMandateChain(encoded);
  const outcomes = [compare('as printed: number of tokens', id, tokens.length, printed.length)];
  for (const [index, { protectedHeader, payload, disclosures }] of tokens.entries()) {
    const { issuer_signed_jwt: jwt, disclosures: listed } = printed[index] as PrintedToken;
    const position = `${id}, token ${index}`;
    outcomes.push(
      compare('as printed: header', position, { ...protectedHeader }, jwt.header),
      compare('as printed: payload', position, payload, jwt.payload),
      compare('as printed: number of disclosures', position, disclosures.length, listed.length),
    );
    for (const disclosure of disclosures) {
      const { salt, name, value, digest: hash } = disclosure;
      const found = { digest: hash, decoded: name === undefined ? [salt, value] : [salt, name, value] };
      const path = `${kind}: ${labelOf(disclosure)}`;
      const [nearest = [path]] = listed
        .map((item) => differences(found, item, path))
        .sort((a, b) => a.length - b.length);
      const unknown = nearest.filter((difference) => !ERRATA.has(difference));
      for (const difference of nearest) seen.add(difference);
      outcomes.push(compare('as printed: disclosure, but for errata', `${position}, ${path}`, unknown, []));
    }
  }
  return outcomes;
}

/** The document's own time: between the `iat` and the `exp` of its mandates. */
function momentOf(encoded: string): Date {
  const { iat } = decodeMandateChain(encoded).at(-1)?.payload ?? {};
  return new Date(Number(iat) * 1000);
}

// The key of the root is in no document, so its signature cannot be verified. Everything else can.
const ROOT_UNVERIFIED = { es256: () => true };

/** The hop's signature by the key that the root names, its binding, all disclosures, the times, AP2's schemas and constraints. */
async function verifyChain(id: string, encoded: string, context: ConstraintContext): Promise<Outcome[]> {
  const { payload = {} } = decodeMandateChain(encoded).at(-1) ?? {};
  const verify = (chain: string) =>
    verifyMandateChain(chain, ROOT_UNVERIFIED, {
      policy: 'pq-optional',
      audience: String(payload.aud),
      nonce: String(payload.nonce),
      currentDate: momentOf(encoded),
      context,
    });
  const { hops } = await verify(encoded);
  const [header, body, signature = ''] = (encoded.split('~~')[1] as string).split(/[.~]/);
  const otherSignature = signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
  const broken = encoded.replace(`${header}.${body}.${signature}`, `${header}.${body}.${otherSignature}`);
  const refusal = await verify(broken).then(
    () => 'accepted',
    (error) => error.code,
  );
  return [
    compare('verified here, but for the root: ES256 of the hop', id, hops[1]?.signatures.es256, 'valid'),
    compare(
      'verified here, but for the root: refused with another signature',
      id,
      refusal,
      'ERR_MANDATE_ES256_INVALID',
    ),
  ];
}

export async function documents(folder: URL): Promise<Outcome[]> {
  const seen = new Set<string>();
  const outcomes: Outcome[] = [];
  const [payment, checkout] = await Promise.all(KINDS.map((kind) => readExamples(folder, kind)));
  for (const [kind, examples] of Object.entries({ payment, checkout })) {
    const [open, closed, chain] = examples as NonNullable<typeof examples>;
    for (const [name, example] of Object.entries({ open, closed, chain })) {
      const id = `${kind}, ${name}`;
      outcomes.push(...(await point('as printed', id, async () => compareExample(kind, id, example, seen))));
    }
    outcomes.push(
      compare('the chain is the two tokens joined', kind, join(open.encoded, closed.encoded), chain.encoded),
    );
    outcomes.push(
      ...(await point('the open mandate alone, verified here', kind, async () => {
        const options = { policy: 'pq-optional', currentDate: momentOf(closed.encoded) } as const;
        const { mandate } = await verifyOpenMandateChain(open.encoded, ROOT_UNVERIFIED, options);
        return [
          compare('the open mandate alone, verified here', kind, mandate.vct, `mandate.${kind}.open.1`),
        ];
      })),
    );
  }
  if (payment === undefined || checkout === undefined) throw new Error('unreachable');

  const checkoutJwt = String(
    decodeMandateChain(checkout[1].encoded)[0]?.disclosures.find(({ name }) => name === 'checkout_jwt')
      ?.value,
  );
  const reference = digestOf(checkout[0].encoded);
  const paymentContext = {
    openCheckoutHashes: [reference],
    checkoutHash: checkoutHash(checkoutJwt),
    history: () => [],
  };
  const id = 'verified here, but for the root';
  outcomes.push(
    ...(await point(id, 'checkout', () =>
      verifyChain('checkout', checkout[2].encoded, { checkoutJwt, history: () => [] }),
    )),
    ...(await point(id, 'payment', () => verifyChain('payment', payment[2].encoded, paymentContext))),
  );
  const gone = [...ERRATA].filter((erratum) => !seen.has(erratum));
  return [...outcomes, compare(`documents: ${ERRATA.size} errata, all still there`, '', gone, [])];
}
