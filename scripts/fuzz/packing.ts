// Random SD-JWTs: a payload with digests in it, and their disclosures, packed by the rules of RFC 9901 §4.
import { createHash } from 'node:crypto';
import { array, members, type Node, nodesOf, object, string, write } from './json-text.js';
import { once, type Random, some } from './random.js';

/** A packing as trees; a digest is a reference to the disclosure of that index. */
export interface Packing {
  payload: Node;
  disclosures: Node[];
}

/** A packing as text that still contains references. Inputs are stored in this form. */
export type PackedText = {
  readonly payload: string;
  readonly disclosures: readonly string[];
};

/** A packing as it is sent: disclosures encoded, digests in place. */
export interface Presentation {
  readonly payload: string;
  readonly disclosures: readonly string[];
}

export const reference = (index: number): Node => string(`#${index}`);
const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
const sha256 = (data: string): string => createHash('sha256').update(data).digest('base64url');

/** A digest that no disclosure has. */
export const decoy = (random: Random): Node => string(sha256(`decoy ${random.int(2 ** 30)}`));

/** A packing that follows every rule. */
export function packing(random: Random, depth = 4): Packing {
  const disclosures: Node[] = [];
  const payload = object(...members(random, depth), ['iss', string('https://bank.example')]);
  if (payload.is === 'object') payload.members = distinct(payload.members);
  hide(payload, disclosures, random);
  if (once(random, 2) && payload.is === 'object') payload.members.push(['_sd_alg', string('sha-256')]);
  return { payload, disclosures };
}

const distinct = (list: [string, Node][]): [string, Node][] => [...new Map(list)];

/** Hides some members and elements, inner ones first, so that a disclosure can hold digests of others. */
function hide(node: Node, disclosures: Node[], random: Random): void {
  for (const child of nodesOf(node).slice(1)) if (child.is !== 'text') hideWithin(child, disclosures, random);
  hideWithin(node, disclosures, random);
}

function hideWithin(node: Node, disclosures: Node[], random: Random): void {
  const salt = (): Node => string(`salt ${disclosures.length} ${random.int(2 ** 30)}`);
  const add = (...parts: Node[]): Node => reference(disclosures.push(array(salt(), ...parts)) - 1);
  if (node.is === 'array') {
    node.elements = node.elements.flatMap((element) => [
      once(random, 3) && !isMarker(element) ? object(['...', add(element)]) : element,
      ...(once(random, 8) ? [object(['...', decoy(random)])] : []),
    ]);
  }
  if (node.is !== 'object' || isMarker(node) || node.members.some(([name]) => name === '_sd')) return;
  const hidden = node.members.filter(() => once(random, 3));
  const digests = hidden.map(([name, member]) => add(string(name), member));
  const decoys = some(random, 1, () => decoy(random));
  node.members = node.members.filter((member) => !hidden.includes(member));
  if (digests.length + decoys.length > 0 || once(random, 8))
    node.members.push(['_sd', array(...digests, ...decoys)]);
}

const isMarker = (node: Node): boolean =>
  node.is === 'object' && node.members.some(([name]) => name === '...');

/** A packing under construction: for example, an array with one element that is not in the payload yet. */
export const newDisclosure = (packed: Packing, ...parts: Node[]): Node =>
  reference(packed.disclosures.push(array(...parts)) - 1);

export const toText = ({ payload, disclosures }: Packing, random?: Random): PackedText => ({
  payload: write(payload, random),
  disclosures: disclosures.map((disclosure) => write(disclosure, random)),
});

/** Replaces references by digests. A disclosure that refers to itself, directly or indirectly, gets a decoy there. */
export function present({ payload, disclosures }: PackedText): Presentation {
  const encoded = new Map<number, string | undefined>();
  const resolve = (json: string): string =>
    json.replace(/"#(\d+)"/g, (whole, index) => {
      const disclosure = encode(Number(index));
      return index < disclosures.length ? `"${sha256(disclosure ?? `cycle ${whole}`)}"` : whole;
    });
  const encode = (index: number): string | undefined => {
    const json = disclosures[index];
    if (encoded.has(index) || json === undefined) return encoded.get(index);
    encoded.set(index, undefined);
    encoded.set(index, base64url(resolve(json)));
    return encoded.get(index);
  };
  return { payload: resolve(payload), disclosures: disclosures.map((_, index) => encode(index) as string) };
}
