// A model of RFC 9901 §7.1, written from the text of the RFC and from SPEC.md §6 step 8, for comparison only. It is slow
// and says everything at once: where the library walks and stops at the first fault, the model lists all places where a
// digest stands, states each rule as a predicate over these lists, and only then puts the payload together.
import { createHash } from 'node:crypto';
import { children, levels, NotJson, readTree, type Tree } from './json-tree.js';

/** What reaches step 8: the payload as signed, the disclosures as they stand between the tildes. */
export interface Presentation {
  readonly payload: string;
  readonly disclosures: readonly string[];
  readonly maxDepth: number;
}

/** A rule of SPEC.md that is broken. Those of an earlier phase are reported before those of a later one. */
export interface Fault {
  readonly phase: number;
  readonly rule: string;
  readonly code: string;
}

/** Either faults, or the processed payload. */
export interface Judgement {
  readonly faults: readonly Fault[];
  readonly processed: Tree | undefined;
}

interface Disclosed {
  readonly text: string;
  readonly digest: string;
  readonly salt: string;
  /** Absent where it discloses an array element. */
  readonly name: string | undefined;
  readonly value: Tree;
}

/** A digest and where it stands: among the digests of `owner`, or as the array element `owner`. */
interface Occurrence {
  readonly digest: string;
  readonly owner: Tree;
  readonly asElement: boolean;
}

const RESERVED = ['_sd', '...', '_sd_alg'];
const FORM: Fault = fault(4, 'R6.31–R6.34', 'ERR_MANDATE_DIGEST_MALFORMED');
const SD_ALG_BELOW: Fault = fault(4, 'R6.32', 'ERR_MANDATE_SD_ALG_UNSUPPORTED');
const TOO_DEEP = 'ERR_MANDATE_TOO_LARGE';

function fault(phase: number, rule: string, code: string): Fault {
  return { phase, rule, code };
}

/** Judges a presentation whose signatures hold. */
export function judge({ payload, disclosures, maxDepth }: Presentation): Judgement {
  const faults: Fault[] = [];
  const root = readText(payload, maxDepth, fault(0, 'R6.11', 'ERR_MANDATE_MALFORMED'), faults);
  if (root === undefined) return { faults, processed: undefined };
  if (root.is !== 'object')
    return { faults: [fault(0, 'R6.11', 'ERR_MANDATE_MALFORMED')], processed: undefined };

  const disclosed = disclosures.flatMap((text) => readDisclosure(text, maxDepth, faults) ?? []);
  const sdAlg = memberOf(root, '_sd_alg');
  if (sdAlg !== undefined && !(sdAlg.is === 'scalar' && sdAlg.value === 'sha-256'))
    faults.push(fault(2, 'R6.29', 'ERR_MANDATE_SD_ALG_UNSUPPORTED'));
  if (repeats(disclosed.map(({ text }) => text)) || repeats(disclosed.map(({ salt }) => salt)))
    faults.push(fault(3, 'R6.30', 'ERR_MANDATE_DISCLOSURE_REPEATED'));

  const found = explore(root, disclosed, maxDepth);
  faults.push(...found.faults);
  const { occurrences } = found;
  if (repeats(occurrences.map(({ digest }) => digest)))
    faults.push(fault(4, 'R6.35', 'ERR_MANDATE_DIGEST_REPEATED'));
  const matches = occurrences.flatMap((occurrence) =>
    disclosed.filter(({ digest }) => digest === occurrence.digest).map((match) => ({ ...occurrence, match })),
  );
  if (matches.some(({ asElement, match }) => asElement !== (match.name === undefined)))
    faults.push(fault(4, 'R6.36', 'ERR_MANDATE_DISCLOSURE_MISPLACED'));
  if (matches.some(({ match }) => match.name !== undefined && RESERVED.includes(match.name)))
    faults.push(fault(4, 'R6.37', 'ERR_MANDATE_DISCLOSURE_NAME'));
  if ([...new Set(matches.map(({ owner }) => owner))].some((owner) => repeats(namesAt(owner, matches))))
    faults.push(fault(4, 'R6.37', 'ERR_MANDATE_DISCLOSURE_NAME'));
  if (found.deepest > maxDepth) faults.push(fault(4, 'R6.39', TOO_DEEP));
  if (disclosed.some(({ digest }) => !occurrences.some((occurrence) => occurrence.digest === digest)))
    faults.push(fault(5, 'R6.40', 'ERR_MANDATE_DISCLOSURE_UNREFERENCED'));
  if (faults.length > 0) return { faults, processed: undefined };

  const processed = rebuild(root, new Map(disclosed.map((entry) => [entry.digest, entry])), true);
  return { faults, processed };
}

/** The codes that a verifier may give: those of the first phase that has faults. */
export function expectedCodes({ faults }: Judgement): readonly string[] {
  const first = Math.min(...faults.map(({ phase }) => phase));
  return faults.filter(({ phase }) => phase === first).map(({ code }) => code);
}

const repeats = (list: readonly string[]): boolean => new Set(list).size < list.length;

const memberOf = (tree: Tree, name: string): Tree | undefined =>
  tree.is === 'object' ? tree.members.find(([own]) => own === name)?.[1] : undefined;

function readText(text: string, maxDepth: number, broken: Fault, faults: Fault[]): Tree | undefined {
  // The nesting of a text is checked before its syntax, and of what is no JSON it is for the verifier to say.
  const mayBeDeep = [...text].filter((character) => character === '[' || character === '{').length > maxDepth;
  try {
    const tree = readTree(text);
    if (levels(tree) <= maxDepth) return tree;
    faults.push({ ...broken, rule: 'R2.11', code: TOO_DEEP });
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    faults.push(broken);
    if (mayBeDeep) faults.push({ ...broken, rule: 'R2.11', code: TOO_DEEP });
  }
  return undefined;
}

/** RFC 9901 §4.2: base64url of a JSON array [salt, name, value] or [salt, value]. */
function readDisclosure(text: string, maxDepth: number, faults: Fault[]): Disclosed | undefined {
  const malformed = fault(1, 'R6.28', 'ERR_MANDATE_DISCLOSURE_MALFORMED');
  const bytes = Buffer.from(text, 'base64url');
  const json = bytes.toString('utf8');
  // What is encoded again as it was, is strict base64url; likewise UTF-8.
  if (bytes.toString('base64url') !== text || !Buffer.from(json, 'utf8').equals(bytes)) {
    faults.push(malformed);
    return undefined;
  }
  const tree = readText(json, maxDepth, malformed, faults);
  if (tree === undefined) return undefined;
  const parts = tree.is === 'array' ? tree.elements : [];
  const strings = parts.slice(0, -1).map((part) => (part.is === 'scalar' ? part.value : undefined));
  const [salt, name] = strings;
  const value = parts.at(-1);
  const isFormed = parts.length === 2 || parts.length === 3;
  if (!isFormed || value === undefined || !strings.every((part) => typeof part === 'string')) {
    faults.push(malformed);
    return undefined;
  }
  const digest = createHash('sha256').update(text, 'ascii').digest('base64url');
  return { text, digest, salt: salt as string, name: name as string | undefined, value };
}

/** Steps (*) and (**) of RFC 9901 §7.1 without inserting anything: all that can be reached, and where digests stand. */
function explore(root: Tree, disclosed: readonly Disclosed[], maxDepth: number) {
  const occurrences: Occurrence[] = [];
  const faults: Fault[] = [];
  let deepest = 0;
  /** Trees yet to be looked at, the level they will stand at, and whether each is an element of an array. */
  const queue: { tree: Tree; level: number; inArray: boolean; isRoot: boolean }[] = [
    { tree: root, level: 1, inArray: false, isRoot: true },
  ];
  /** The levels at which each tree stands. A digest that is repeated puts one tree at several. */
  const levelsOf = new Map<Tree, Set<number>>();

  for (const { tree, level, inArray, isRoot } of queue) {
    const levelsSeen = levelsOf.get(tree) ?? new Set();
    if (tree.is === 'scalar' || levelsSeen.has(level) || level > maxDepth + 1) continue;
    const isFirst = levelsSeen.size === 0;
    levelsOf.set(tree, levelsSeen.add(level));
    // What is found at a second level was found at the first.
    const report = (broken: Fault): void => {
      if (isFirst) faults.push(broken);
    };
    const follow = (digest: string, asElement: boolean, at: number): void => {
      if (isFirst) occurrences.push({ digest, owner: tree, asElement });
      const match = disclosed.find((candidate) => candidate.digest === digest);
      // The steps are applied to the value by itself (RFC 9901 §7.1 step 3.3.3.3): it is no array element there, whatever
      // it discloses.
      if (match !== undefined) queue.push({ tree: match.value, level: at, inArray: false, isRoot: false });
    };

    const marker = memberOf(tree, '...');
    if (tree.is === 'object' && marker !== undefined) {
      const isAlone = inArray && tree.members.length === 1;
      if (isAlone && isDigest(marker)) follow(marker.value, true, level);
      else report(FORM);
      if (isAlone) continue;
    }
    deepest = Math.max(deepest, level);
    if (!isRoot && memberOf(tree, '_sd_alg') !== undefined) report(SD_ALG_BELOW);
    const digests = memberOf(tree, '_sd');
    if (digests !== undefined) {
      const list = digests.is === 'array' ? digests.elements : [];
      if (digests.is !== 'array' || !list.every(isDigest)) report(FORM);
      for (const digest of list.filter(isDigest)) follow(digest.value, false, level + 1);
    }
    for (const child of children(tree)) {
      if (child !== digests)
        queue.push({ tree: child, level: level + 1, inArray: tree.is === 'array', isRoot: false });
    }
  }
  return { occurrences, faults, deepest };
}

/** 32 bytes in strict base64url. */
const isDigest = (tree: Tree): tree is { is: 'scalar'; value: string } =>
  tree.is === 'scalar' &&
  typeof tree.value === 'string' &&
  tree.value.length === 43 &&
  Buffer.from(tree.value, 'base64url').toString('base64url') === tree.value;

/** The names that would stand in an object: its own, and those that its digests disclose. */
const namesAt = (owner: Tree, matches: readonly (Occurrence & { match: Disclosed })[]): string[] => [
  ...(owner.is === 'object' ? owner.members.map(([name]) => name) : []),
  ...matches.flatMap((entry) => (entry.owner === owner ? (entry.match.name ?? []) : [])),
];

/** Steps 3.3 to 3.6, of what is known to be without fault. */
function rebuild(tree: Tree, byDigest: ReadonlyMap<string, Disclosed>, isRoot: boolean): Tree {
  if (tree.is === 'scalar') return tree;
  if (tree.is === 'array') {
    const element = (child: Tree): readonly Tree[] => {
      const marker = memberOf(child, '...');
      if (marker === undefined) return [rebuild(child, byDigest, false)];
      const match = byDigest.get((marker as { value: string }).value);
      return match === undefined ? [] : [rebuild(match.value, byDigest, false)];
    };
    return { is: 'array', elements: tree.elements.flatMap(element) };
  }
  const digests = memberOf(tree, '_sd');
  const hidden = (digests === undefined ? [] : children(digests)).flatMap((digest) => {
    const match = byDigest.get((digest as { value: string }).value);
    return match === undefined ? [] : [[match.name as string, match.value] as const];
  });
  const clear = tree.members.filter(([name]) => name !== '_sd' && !(isRoot && name === '_sd_alg'));
  return {
    is: 'object',
    members: [...clear, ...hidden].map(([name, value]) => [name, rebuild(value, byDigest, false)] as const),
  };
}
