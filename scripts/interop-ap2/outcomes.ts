import type { Outcome } from '../interop/cases.js';

/** One comparison. A failure before it also counts as a mismatch. */
export async function point(
  group: string,
  id: string,
  compared: () => Promise<Outcome[]>,
): Promise<Outcome[]> {
  try {
    return await compared();
  } catch (error) {
    return [{ group, id, failure: String(error) }];
  }
}

/** `accepted`, or the code of the rejection. */
export async function codeOf(verification: Promise<unknown>): Promise<string> {
  try {
    await verification;
    return 'accepted';
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || !code.startsWith('ERR_')) throw error;
    return code;
  }
}

/** All combinations of the members' values. */
export function* combinations<T extends Record<string, readonly unknown[]>>(
  axes: T,
): Generator<{ [K in keyof T]: T[K][number] }> {
  const [first, ...rest] = Object.entries(axes);
  if (first === undefined) {
    yield {} as never;
    return;
  }
  const [name, values] = first;
  for (const value of values) {
    for (const others of combinations(Object.fromEntries(rest))) yield { [name]: value, ...others } as never;
  }
}

export const label = (combination: Record<string, unknown>): string =>
  Object.values(combination).map(String).join(', ');
