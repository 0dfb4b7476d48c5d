// Selects the files to mutate, and their mutants.
import { readdir, readFile } from 'node:fs/promises';
import { EQUIVALENT, type Equivalent } from './equivalent.js';
import { type Mutant, mutantsOf } from './mutants.js';

/** The files that a verification passes through, by folder of src/: verifyMandate, and the chain functions. See CONTRIBUTING.md. */
export const VERIFIER: Readonly<Record<string, readonly string[]>> = {
  '.': ['time-limit'],
  encoding: ['ascii', 'base64url', 'json', 'parse-json', 'read-json', 'well-formed'],
  keys: [
    'algorithms',
    'forms',
    'jwk',
    'jwk-cache',
    'public-keys',
    'resolve-keys',
    'thumbprint',
    'timed',
    'verifier',
  ],
  jws: [
    'compact',
    'header',
    'identity',
    'mandate-id',
    'policy',
    'signatures',
    'signing-input',
    'verdict',
    'verify',
  ],
  'sd-jwt': ['compact', 'disclosures', 'verify'],
  claims: ['duration', 'lifetime', 'registered', 'retention', 'rfc3339', 'token-type', 'validate'],
  revocation: ['check'],
  'key-binding': ['confirmation', 'hash', 'holder', 'verify'],
  mandate: ['check-keys', 'verdict', 'verify', 'verify-many'],
  'ap2/chain': ['authenticate', 'compact', 'delegate-payload', 'evaluate', 'hop-error', 'hops', 'verify'],
  'ap2/constraints': [
    'allowed',
    'amounts',
    'checkout',
    'evaluate-checkout',
    'evaluate-payment',
    'execution-date',
    'history',
    'line-items',
    'max-flow',
    'minor-units',
    'pre-set',
    'recurrence',
    'violation',
  ],
};

const VERIFIER_FILES = Object.entries(VERIFIER).flatMap(([folder, names]) =>
  names.map((name) => (folder === '.' ? `src/${name}.ts` : `src/${folder}/${name}.ts`)),
);

/** Which mutants of a project to run. */
export interface Selection {
  /** Parts of paths. A file that contains none is left out; those of an earlier part come first. */
  readonly only?: readonly string[];
  /** Only the files that a verification goes through. */
  readonly verifier?: boolean;
}

/** Every mutant of the sources of a project. Its index is its number. */
export async function mutantsIn(root: URL): Promise<Mutant[]> {
  const names = (await readdir(new URL('src', root), { recursive: true })) as string[];
  const files = names.map((name) => `src/${name.replaceAll('\\', '/')}`).sort();
  const gone = VERIFIER_FILES.filter((file) => !files.includes(file));
  if (gone.length > 0) throw new Error(`no such files: ${gone.join(', ')}`);
  const mutants: Mutant[] = [];
  for (const file of files) {
    if (file.endsWith('.ts')) mutants.push(...mutantsOf(file, await readFile(new URL(file, root), 'utf8')));
  }
  return mutants;
}

/** The mutants of a selection with their numbers, in the order in which to run them. */
export function select(
  mutants: readonly Mutant[],
  { only = [''], verifier = false }: Selection,
): [number, Mutant][] {
  const rank = ({ file }: Mutant): number => only.findIndex((part) => file.includes(part));
  return [...mutants.entries()]
    .filter(([, mutant]) => rank(mutant) !== -1 && (!verifier || VERIFIER_FILES.includes(mutant.file)))
    .sort(([, a], [, b]) => rank(a) - rank(b));
}

export const isEquivalent = (mutant: Mutant): boolean => EQUIVALENT.some((entry) => isNamedBy(mutant, entry));

const isNamedBy = (mutant: Mutant, { file, text, original, becomes }: Equivalent): boolean =>
  mutant.file === file && mutant.text === text && mutant.original === original && mutant.becomes === becomes;

/**
 * The entries of the list of equivalents that do not name exactly one of these mutants: any other entry would excuse a mutant
 * that nobody has examined. Entries of other files do not count.
 */
export function strayEquivalents(mutants: readonly Mutant[]): string[] {
  const files = new Set(mutants.map(({ file }) => file));
  return EQUIVALENT.filter(({ file }) => files.has(file)).flatMap((entry) => {
    const count = mutants.filter((mutant) => isNamedBy(mutant, entry)).length;
    return count === 1
      ? []
      : [`${entry.file}: "${entry.original}" → ${entry.becomes} names ${count} mutants`];
  });
}
