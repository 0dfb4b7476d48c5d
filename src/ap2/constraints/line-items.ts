import type { Checkout } from '../model/checkout.js';
import type { LineItems } from '../model/constraints.js';
import { FlowNetwork } from './max-flow.js';
import type { Finding } from './violation.js';

const SOURCE = 0;
const SINK = 1;
const FIRST = 2;

/**
 * checkout_mandate.md "Line Items": every requirement gets its quantity, every item of the checkout goes to one
 * requirement that accepts it. As there, a maximal flow from the requirements to the items, which must fill both sides.
 */
export function evaluateLineItems(
  { items: requirements }: LineItems,
  lineItems: Checkout['line_items'],
): Finding[] {
  const cart = countById(lineItems);
  const quantities = requirements.map(({ quantity }) => quantity);
  if (![quantities, [...cart.values()]].every(isCountable)) {
    return [{ member: '.items', expected: 'at most 2^53 - 1 items in all', found: 'more' }];
  }
  const network = new FlowNetwork(FIRST + cart.size + requirements.length);
  const nodes = new Map([...cart.keys()].map((id, index) => [id, FIRST + index]));
  const bought = [...cart].map(([id, quantity]) => network.addEdge(nodes.get(id) as number, SINK, quantity));
  const required = requirements.map(({ quantity, acceptable_items: acceptable }, index) => {
    const node = FIRST + cart.size + index;
    for (const id of new Set(acceptable.map((item) => item.id))) {
      const item = id === '' ? undefined : nodes.get(id);
      if (item !== undefined) network.addEdge(node, item, Number.POSITIVE_INFINITY);
    }
    return network.addEdge(SOURCE, node, quantity);
  });
  network.maximize(SOURCE, SINK);

  const unmet = requirements.flatMap(({ quantity }, index): Finding[] => {
    const flow = network.flow(required[index] as number);
    if (flow === quantity) return [];
    return [
      { member: `.items[${index}]`, expected: `${quantity} acceptable in the checkout`, found: `${flow}` },
    ];
  });
  const surplus = [...cart.values()].reduce(
    (sum, quantity, index) => sum + quantity - network.flow(bought[index] as number),
    0,
  );
  if (surplus === 0) return unmet;
  return [
    ...unmet,
    { member: '.items', expected: 'no other items in the checkout', found: `${surplus} more` },
  ];
}

/** How many of each item the checkout has, by the item's `id`. */
function countById(lineItems: Checkout['line_items']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { item, quantity } of lineItems) counts.set(item.id, (counts.get(item.id) ?? 0) + quantity);
  return counts;
}

/** Whether the sum is exact. */
const isCountable = (quantities: readonly number[]): boolean =>
  Number.isSafeInteger(quantities.reduce((sum, quantity) => sum + quantity, 0));
