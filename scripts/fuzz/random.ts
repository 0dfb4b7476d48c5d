// Sources of randomness. The fuzzer uses a seeded generator, a property test uses fast-check, which can shrink.

export interface Random {
  /** An integer from 0 to `below` - 1. */
  int(below: number): number;
}

/** A small, fast, seeded generator (sfc32). Not for secrets. */
export function seededRandom(seed: string): Random {
  const state = new Uint32Array([0x9e3779b9, 0x243f6a88, 0xb7e15162, 1]);
  for (const character of seed)
    state[0] = Math.imul((state[0] as number) ^ character.charCodeAt(0), 0x85ebca6b);
  const next = (): number => {
    const [a = 0, b = 0, c = 0, count = 0] = state;
    const sum = a + b + count;
    state[3] = count + 1;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  return { int: (below) => Math.floor((next() / 2 ** 32) * below) };
}

export const oneOf = <T>(random: Random, list: readonly T[]): T => list[random.int(list.length)] as T;

/** True with a probability of 1 in the given number. */
export const once = (random: Random, times: number): boolean => random.int(times) === 0;

/** A list of up to `most` of what `make` makes. */
export const some = <T>(random: Random, most: number, make: (index: number) => T): T[] =>
  Array.from({ length: random.int(most + 1) }, (_, index) => make(index));
