import type { Checkout } from '../model/checkout.js';
import type { LineItems } from '../model/constraints.js';
import { FlowNetwork } from './max-flow.js';
import type { Finding } from './violation.js';

const SOURCE = 0;
const SINK = 1;
const FIRST = 2;

/** An assignment of the items of a checkout to requirements. */
interface Assignment {
  /** The quantity assigned to each requirement. */
  readonly met: readonly number[];
  /** For each requirement, the indices of its acceptable items that were used. */
  readonly used: readonly (readonly number[])[];
  /** The quantity in the checkout that is not assigned to a requirement. */
  readonly surplus: number;
}

/**
 * checkout_mandate.md "Line Items": every requirement gets its quantity, and every item of the checkout is assigned to one
 * requirement that accepts it. As described there, this is a maximum flow from the requirements to the items that must saturate
 * both sides.
 */
export function evaluateLineItems(constraint: LineItems, lineItems: Checkout['line_items']): Finding[] {
  const assignment = assignLineItems(constraint, lineItems);
  if (assignment === undefined) {
    return [{ member: '.items', expected: 'at most 2^53 - 1 items in total', found: 'more' }];
  }
  const { met, surplus } = assignment;
  const unmet = constraint.items.flatMap(({ quantity }, index): Finding[] => {
    if (met[index] === quantity) return [];
    return [
      {
        member: `.items[${index}]`,
        expected: `${quantity} acceptable in the checkout`,
        found: `${met[index]}`,
      },
    ];
  });
  if (surplus === 0) return unmet;
  return [
    ...unmet,
    { member: '.items', expected: 'no other items in the checkout', found: `${surplus} more` },
  ];
}

/** Returns `undefined` if the quantities are too large to be added exactly. */
export function assignLineItems(
  { items: requirements }: LineItems,
  lineItems: Checkout['line_items'],
): Assignment | undefined {
  const cart = countById(lineItems);
  const quantities = requirements.map(({ quantity }) => quantity);
  if (![quantities, [...cart.values()]].every(isCountable)) return undefined;
  const network = new FlowNetwork(FIRST + cart.size + requirements.length);
  const nodes = new Map([...cart.keys()].map((id, index) => [id, FIRST + index]));
  const bought = [...cart].map(([id, quantity]) => network.addEdge(nodes.get(id) as number, SINK, quantity));
  const required = requirements.map(({ quantity, acceptable_items: acceptable }, index) => {
    const node = FIRST + cart.size + index;
    const accepted = new Map<string, { index: number; edge: number }>();
    for (const [at, { id }] of acceptable.entries()) {
      const item = id === '' || accepted.has(id) ? undefined : nodes.get(id);
      if (item !== undefined)
        accepted.set(id, { index: at, edge: network.addEdge(node, item, Number.POSITIVE_INFINITY) });
    }
    return { edge: network.addEdge(SOURCE, node, quantity), accepted: [...accepted.values()] };
  });
  network.maximize(SOURCE, SINK);
  const surplus = [...cart.values()].reduce(
    (sum, quantity, index) => sum + quantity - network.flow(bought[index] as number),
    0,
  );
  return {
    met: required.map(({ edge }) => network.flow(edge)),
    used: required.map(({ accepted }) =>
      accepted.filter(({ edge }) => network.flow(edge) > 0).map(({ index }) => index),
    ),
    surplus,
  };
}

/** The quantity of each item in the checkout, by the item's `id`. */
function countById(lineItems: Checkout['line_items']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { item, quantity } of lineItems) counts.set(item.id, (counts.get(item.id) ?? 0) + quantity);
  return counts;
}

/** Whether the sum is exact. */
const isCountable = (quantities: readonly number[]): boolean =>
  Number.isSafeInteger(quantities.reduce((sum, quantity) => sum + quantity, 0));
