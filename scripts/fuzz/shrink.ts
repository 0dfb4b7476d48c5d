// Minimizes a finding: removes parts of its texts as long as it remains the same finding.
import type { Input } from './target.js';

/** Every text in an input, with a function that replaces it. */
function textsOf(input: Input): { text: string; put: (text: string) => Input }[] {
  if (typeof input === 'string') return [{ text: input, put: (text) => text }];
  if (typeof input !== 'object' || input === null) return [];
  return Object.entries(input).flatMap(([name, part]) =>
    textsOf(part).map(({ text, put }) => ({
      text,
      put: (changed: string): Input => {
        const copy = structuredClone(input) as { [name: string]: Input };
        copy[name] = put(changed);
        return copy;
      },
    })),
  );
}

/** Shrinks within a time limit. */
export async function shrink(
  input: Input,
  isSame: (candidate: Input) => Promise<boolean>,
  milliseconds = 3000,
): Promise<Input> {
  const end = Date.now() + milliseconds;
  let smallest = input;
  for (let index = 0; index < textsOf(smallest).length; index++) {
    for (
      let part = Math.ceil((textsOf(smallest)[index]?.text.length ?? 0) / 2);
      part >= 1;
      part = Math.floor(part / 2)
    ) {
      for (let from = 0; Date.now() < end; ) {
        const { text = '', put } = textsOf(smallest)[index] ?? {};
        if (from >= text.length || put === undefined) break;
        const candidate = put(text.slice(0, from) + text.slice(from + part));
        if (await isSame(candidate)) smallest = candidate;
        else from += part;
      }
    }
  }
  return smallest;
}
