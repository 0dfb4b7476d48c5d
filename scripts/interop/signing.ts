import { strict as assert } from 'node:assert';
import { verifyMandate } from 'ap2-pq';
import { compactVerify, importJWK } from 'jose';
import { type Case, compare, type Outcome } from './cases.js';
import type { Language } from './languages.js';
import type { TokenVector, Vectors } from './vectors.js';

/** A disclosure that a program must create: for a claim of the object or array at `path`, or a decoy there. */
interface Disclosable {
  readonly path: readonly string[];
  readonly claim?: string | number;
  readonly salt: string;
}

type Frame = { readonly [name: string]: unknown };

/** A disclosure frame and its salts, spelled out in the order of vectors/README.md. */
export function disclosables({ claims, disclosureFrame, salts }: TokenVector): Disclosable[] {
  const unused = [...salts];
  const salt = (): string => {
    const next = unused.shift();
    assert(next !== undefined, 'the vector has too few salts');
    return next;
  };
  const list = (value: object, frame: Frame, path: readonly string[]): Disclosable[] => {
    const { _sd: own = [], _sd_decoy: decoys = 0, ...nested } = frame;
    const inner = Object.entries(nested).flatMap(([name, inside]) =>
      list((value as Record<string, object>)[name] as object, inside as Frame, [...path, name]),
    );
    const names = (own as (string | number)[]).map((claim) => ({ path, claim, salt: salt() }));
    return [...inner, ...names, ...Array.from({ length: decoys as number }, () => ({ path, salt: salt() }))];
  };
  const items = list(JSON.parse(claims), (disclosureFrame ?? {}) as Frame, []);
  assert.equal(unused.length, 0, 'the vector has more salts than its frame uses');
  return items;
}

/** A mandate that a program signed and ap2-pq accepted, to be given to the others too. */
export interface SignedMandate {
  readonly by: string;
  readonly id: string;
  readonly mandate: string;
  readonly mandateId: string;
  readonly payload: object;
}

/** Every vector signed by a program: deterministic where it can, and hedged. */
export function signingCases(vectors: Vectors, language: Language, signed: SignedMandate[]): Case[] {
  return vectors.tokens.flatMap((vector) => {
    const disclose = disclosables(vector);
    return (language.deterministic ? [true, false] : [false]).map((deterministic) => ({
      request: {
        op: 'sign',
        claims: vector.claims,
        disclose,
        header: JSON.parse(vector.unsignedHeaderJcs),
        keys: vectors.privateKeys,
        deterministic,
      },
      judge: async (answer) => {
        const mandate = String(answer.mandate);
        const id = `${vector.id} ${deterministic ? 'deterministic' : 'hedged'}`;
        const bytes = deterministic ? [judgeBytes(vector, mandate)] : judgeHedged(vector, mandate);
        return [...bytes, ...(await judgeHere(vector, mandate, id, vectors, language.name, signed))];
      },
    }));
  });
}

/** Verified by ap2-pq under its default policy, and the classical half by jose, which does not know the profile. */
async function judgeHere(
  { processedPayload }: TokenVector,
  mandate: string,
  id: string,
  { publicKeys }: Vectors,
  by: string,
  signed: SignedMandate[],
): Promise<Outcome[]> {
  const es256 = await importJWK({ ...publicKeys.es256 }, 'ES256');
  const here = await settle(async () => {
    const { payload, mandateId, quantumSafe } = await verifyMandate(mandate, publicKeys);
    signed.push({ by, id, mandate, mandateId: String(mandateId), payload: processedPayload });
    return { payload, quantumSafe };
  });
  const jose = await settle(async () => {
    await compactVerify(mandate.split('~')[0] as string, es256);
    return 'valid';
  });
  return [
    compare('signs: accepted by ap2-pq', id, here, { payload: processedPayload, quantumSafe: true }),
    compare('signs: its ES256 accepted by jose', id, jose, 'valid'),
  ];
}

async function settle(verification: () => Promise<unknown>): Promise<unknown> {
  try {
    return await verification();
  } catch (error) {
    return String(error);
  }
}

const judgeBytes = (vector: TokenVector, mandate: string): Outcome =>
  compare('signs: deterministic, byte for byte', vector.id, mandate, vector.mandate);

/** A hedged mandate equals ours except for the signatures that use fresh randomness. */
function judgeHedged({ id, mandate: ours }: TokenVector, mandate: string): Outcome[] {
  try {
    return [
      compare('signs: hedged, the rest byte for byte', id, unsignedParts(mandate), unsignedParts(ours)),
      compare('signs: hedged, a signature of its own', id, pqSigOf(mandate) !== pqSigOf(ours), true),
    ];
  } catch (error) {
    return [{ group: 'signs: hedged, the rest byte for byte', id, failure: String(error) }];
  }
}

const headerOf = (mandate: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(mandate.split('.')[0] as string, 'base64url').toString('utf8'));

const pqSigOf = (mandate: string): unknown => headerOf(mandate).pq_sig;

function unsignedParts(mandate: string): object {
  const { pq_sig: _, ...unsignedHeader } = headerOf(mandate);
  const [jwt = '', ...disclosures] = mandate.split('~');
  return { unsignedHeader, payload: jwt.split('.')[1], disclosures };
}
