// Each key of vectors/negative.json is stored once; cases refer to it by name.

/** The cases with the keys in place of their names. */
export const withKeys = <Case extends { readonly keys: string }, Keys>({
  cases,
  keySets,
}: {
  readonly cases: readonly Case[];
  readonly keySets: Readonly<Record<string, Keys>>;
}): (Omit<Case, 'keys'> & { readonly keys: Keys })[] =>
  cases.map((each) => ({ ...each, keys: keySets[each.keys] as Keys }));
