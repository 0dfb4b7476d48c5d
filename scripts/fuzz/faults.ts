// Structured mutations of a packing, each based on a rule of SPEC.md §6 step 8. The result may still be valid.
import { array, NAMES, type Node, nodesOf, object, scalar, string, text, value } from './json-text.js';
import { decoy, newDisclosure, type Packing, reference } from './packing.js';
import { oneOf, type Random } from './random.js';

export type Fault = (packed: Packing, random: Random) => void;

type ObjectNode = Extract<Node, { is: 'object' }>;
type ArrayNode = Extract<Node, { is: 'array' }>;

const allNodes = ({ payload, disclosures }: Packing): Node[] => [payload, ...disclosures].flatMap(nodesOf);
const objects = (packed: Packing): ObjectNode[] =>
  allNodes(packed).filter((node): node is ObjectNode => node.is === 'object');
const arrays = (packed: Packing): ArrayNode[] =>
  allNodes(packed).filter(
    (node): node is ArrayNode => node.is === 'array' && !packed.disclosures.includes(node),
  );

/** A random object, or the payload if none is found. */
const anyObject = (packed: Packing, random: Random): ObjectNode => oneOf(random, objects(packed));
const anyDisclosure = (packed: Packing, random: Random): ArrayNode => {
  if (packed.disclosures.length === 0) attach(packed, random, string('a'), scalar(random));
  const disclosure = oneOf(random, packed.disclosures);
  return disclosure.is === 'array' ? disclosure : { is: 'array', elements: [] };
};
/** A digest in use, or a decoy. */
const anyDigest = (packed: Packing, random: Random): Node =>
  packed.disclosures.length > 0 ? reference(random.int(packed.disclosures.length)) : decoy(random);
const salt = (random: Random): Node => string(`salt ${random.int(2 ** 30)}`);

/** Adds a digest to the `_sd` of some object. */
function addDigest(packed: Packing, random: Random, digest: Node): void {
  const target = anyObject(packed, random);
  const list = target.members.find(([name]) => name === '_sd')?.[1];
  if (list?.is === 'array') list.elements.push(digest);
  else target.members.push(['_sd', array(digest)]);
}

/** Adds a digest as an element of some array. */
function addMarker(packed: Packing, random: Random, digest: Node): void {
  const list = arrays(packed);
  const marker = object(['...', digest]);
  if (list.length > 0) oneOf(random, list).elements.push(marker);
  else anyObject(packed, random).members.push(['list', array(marker)]);
}

function attach(packed: Packing, random: Random, ...parts: Node[]): void {
  addDigest(packed, random, newDisclosure(packed, salt(random), ...parts));
}

const BAD_DIGESTS = [
  '',
  'x',
  'A'.repeat(42),
  'A'.repeat(44),
  `${'A'.repeat(42)}B`,
  `${'A'.repeat(42)}=`,
  '+'.repeat(43),
];
const SD_ALGS = ['"sha-256"', '"SHA-256"', '"sha-512"', '""', 'null', '["sha-256"]', '256'];
const BROKEN = [
  '1e400',
  '-1e999',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '01',
  '.5',
  '1.',
  'NaN',
  '"\t"',
  '"\\x"',
  '',
  ',',
  '\uFEFF1',
  'tru',
];

/** The mutations by name. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'digest repeated in an _sd': (packed, random) => addDigest(packed, random, anyDigest(packed, random)),
  'digest repeated as an element': (packed, random) => addMarker(packed, random, anyDigest(packed, random)),
  'digest within a disclosure': (packed, random) => {
    const disclosure = anyDisclosure(packed, random);
    disclosure.elements[disclosure.elements.length - 1] = oneOf(random, [
      object(['_sd', array(anyDigest(packed, random))]),
      array(object(['...', anyDigest(packed, random)])),
      object(['...', anyDigest(packed, random)]),
    ]);
  },
  'element disclosure in an _sd': (packed, random) => attach(packed, random, scalar(random)),
  'object disclosure as an element': (packed, random) =>
    addMarker(packed, random, newDisclosure(packed, salt(random), string('a'), scalar(random))),
  'element that discloses an element': (packed, random) => {
    const inner = newDisclosure(packed, salt(random), value(random, 2));
    addMarker(packed, random, newDisclosure(packed, salt(random), object(['...', inner])));
  },
  'disclosure of another length': (packed, random) => {
    const { elements } = anyDisclosure(packed, random);
    if (random.int(2) === 0) elements.splice(random.int(elements.length + 1), 1);
    else elements.splice(random.int(elements.length + 1), 0, scalar(random));
  },
  'salt or name that is no string': (packed, random) => {
    const { elements } = anyDisclosure(packed, random);
    elements[random.int(2)] = oneOf(random, [text('1'), text('null'), array(), object()]);
  },
  'disclosure that is no array': (packed, random) => {
    anyDisclosure(packed, random);
    packed.disclosures[random.int(packed.disclosures.length)] = oneOf(random, [
      object(),
      text('1'),
      string('a'),
      text('null'),
    ]);
  },
  'reserved or hostile disclosed name': (packed, random) => {
    const disclosure = anyDisclosure(packed, random);
    if (disclosure.elements.length === 3)
      disclosure.elements[1] = string(oneOf(random, ['_sd', '...', '_sd_alg', ...NAMES]));
  },
  'name that exists': (packed, random) => {
    const target = anyObject(packed, random);
    const [name] = target.members.length > 0 ? oneOf(random, target.members) : ['a'];
    const digest = newDisclosure(packed, salt(random), string(name), scalar(random));
    target.members.push(['_sd', array(digest)]);
  },
  'two disclosures of one name': (packed, random) => {
    const name = string(oneOf(random, NAMES));
    const digests = [0, 1].map(() => newDisclosure(packed, salt(random), name, scalar(random)));
    anyObject(packed, random).members.push(['_sd', array(...digests)]);
  },
  'one salt twice': (packed, random) => {
    const { elements } = anyDisclosure(packed, random);
    attach(packed, random, string(oneOf(random, NAMES)), scalar(random));
    const last = packed.disclosures.at(-1);
    if (last?.is === 'array' && elements[0] !== undefined) last.elements[0] = elements[0];
  },
  'one disclosure twice': (packed, random) => {
    packed.disclosures.push(anyDisclosure(packed, random));
  },
  'disclosure that nothing references': (packed, random) => {
    newDisclosure(packed, salt(random), string(oneOf(random, NAMES)), value(random, 2));
  },
  'withheld disclosure': (packed, random) => {
    if (packed.disclosures.length === 0) return;
    // Its digest becomes a decoy everywhere; references to later disclosures move up.
    const gone = random.int(packed.disclosures.length);
    packed.disclosures.splice(gone, 1);
    for (const node of new Set(allNodes(packed))) {
      const index = node.is === 'text' ? /^"#(\d+)"$/.exec(node.text)?.[1] : undefined;
      if (index === undefined || node.is !== 'text') continue;
      if (Number(index) === gone) Object.assign(node, decoy(random));
      else if (Number(index) > gone) node.text = `"#${Number(index) - 1}"`;
    }
  },
  'disclosures in another order': (packed, random) => {
    const first = random.int(packed.disclosures.length + 1);
    const order = packed.disclosures.map((_, index) => (index + first) % packed.disclosures.length);
    const nodes = new Set(allNodes(packed));
    packed.disclosures = order.map((index) => packed.disclosures[index] as Node);
    for (const node of nodes) {
      const index = node.is === 'text' ? /^"#(\d+)"$/.exec(node.text)?.[1] : undefined;
      if (index !== undefined && node.is === 'text') node.text = `"#${order.indexOf(Number(index))}"`;
    }
  },
  'decoys and empty _sd': (packed, random) => {
    if (random.int(2) === 0) addDigest(packed, random, decoy(random));
    else anyObject(packed, random).members.push(['_sd', array()]);
  },
  '_sd that is no array of digests': (packed, random) => {
    const digests = oneOf(random, [
      object(),
      scalar(random),
      array(scalar(random)),
      array(array()),
      array(string(oneOf(random, BAD_DIGESTS))),
    ]);
    anyObject(packed, random).members.push(['_sd', digests]);
  },
  'malformed marker': (packed, random) => {
    const digest = oneOf(random, [
      string(oneOf(random, BAD_DIGESTS)),
      scalar(random),
      array(),
      decoy(random),
    ]);
    const marker = object(
      ['...', digest],
      ...oneOf<[string, Node][]>(random, [[], [['a', text('1')]], [['_sd', array()]]]),
    );
    const list = arrays(packed);
    if (list.length > 0 && random.int(3) > 0) oneOf(random, list).elements.push(marker);
    else
      anyObject(packed, random).members.push([
        'm',
        oneOf(random, [marker, array(marker), array(array(marker))]),
      ]);
  },
  'marker outside of an array': (packed, random) => {
    anyObject(packed, random).members.push([
      '...',
      oneOf(random, [decoy(random), anyDigest(packed, random), scalar(random)]),
    ]);
  },
  '_sd_alg somewhere': (packed, random) => {
    anyObject(packed, random).members.push(['_sd_alg', text(oneOf(random, SD_ALGS))]);
  },
  'member twice': (packed, random) => {
    const target = anyObject(packed, random);
    if (target.members.length > 0) target.members.push([oneOf(random, target.members)[0], scalar(random)]);
  },
  'hostile member name': (packed, random) => {
    anyObject(packed, random).members.push([oneOf(random, NAMES), value(random, 1)]);
  },
  'text that is no I-JSON': (packed, random) => {
    anyObject(packed, random).members.push(['broken', text(oneOf(random, BROKEN))]);
  },
  'deep nesting': (packed, random) => {
    // Chosen first, so that it cannot end up inside itself.
    const target = anyObject(packed, random);
    let deep = oneOf(random, [scalar(random), array(), object()]);
    for (let level = random.int(40); level > 0; level--)
      deep = oneOf(random, [
        array(deep),
        object(['a', deep]),
        array(object(['...', newDisclosure(packed, salt(random), deep)])),
      ]);
    target.members.push(['deep', deep]);
  },
};

/** Applies up to a number of the mutations. */
export function applyFaults(packed: Packing, random: Random, most: number): string[] {
  const names = Object.keys(FAULTS);
  return Array.from({ length: random.int(most + 1) }, () => {
    const name = oneOf(random, names);
    FAULTS[name]?.(packed, random);
    return name;
  });
}
