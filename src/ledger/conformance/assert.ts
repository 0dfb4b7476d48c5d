// Assertions for the suite, so that it runs with any test runner, or none.

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Compares values as JSON, in which a Date is its text. */
export function checkEqual(found: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  check(left === right, `${what}: expected ${right}, found ${left}`);
}

/** The code of a rejected call, or `accepted`. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    return typeof code === 'string' ? code : `an error without a code: ${String(error)}`;
  }
}

export async function checkOutcome(call: Promise<unknown>, expected: string, what: string): Promise<void> {
  const found = await outcome(call);
  check(found === expected, `${what}: expected ${expected}, found ${found}`);
}

/** How often each outcome occurred. */
export async function tally(calls: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const found of await Promise.all(calls.map(outcome))) counts[found] = (counts[found] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort());
}
