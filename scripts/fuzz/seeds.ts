// The seeds of the fuzzer: the vectors, and its own mandates.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const manifest = pathToFileURL(createRequire(import.meta.url).resolve('ap2-pq/package.json'));
export const readVectors = (name: string) =>
  JSON.parse(readFileSync(new URL(`vectors/${name}.json`, manifest), 'utf8'));

interface TokenVector {
  readonly mandate: string;
  readonly headerJcs: string;
  readonly payloadJcs: string;
  readonly disclosures: readonly { readonly json: string; readonly digest: string }[];
  readonly expected: { readonly valid: boolean };
}

const vectors: readonly TokenVector[] = readVectors('token-level').vectors;
/** The vectors of the token level that verify. */
export const tokenVectors = vectors.filter(({ expected }) => expected.valid);
/** All mandates of the vectors, forged ones among them. */
export const mandates = vectors.map(({ mandate }) => mandate);
export const { publicKeys, privateKeys } = readVectors('keys');
