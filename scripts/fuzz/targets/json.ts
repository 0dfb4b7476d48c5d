import { isSame, levels, NotJson, readTree } from '../../../test/model/json-tree.js';
import { value, write } from '../json-text.js';
import type { Library } from '../library.js';
import { once } from '../random.js';
import { tokenVectors } from '../seeds.js';
import { bytesOf, Disagreement, latin1Of, type Target } from '../target.js';
import { mutateText } from '../text-mutations.js';

/** The strict JSON parser, against the model's reader. */
export const jsonTarget = ({ json, limits }: Library): Target<string> => ({
  name: 'json',
  seeds: async () => [
    ...tokenVectors.flatMap(({ headerJcs, payloadJcs, disclosures }) =>
      [headerJcs, payloadJcs, ...disclosures.map((disclosure) => disclosure.json)].map(latin1Of),
    ),
    ...[
      '{"a":1,"\\u0061":2}',
      '[1e999]',
      '"\\ud800"',
      '"\\ud83d\\ude00"',
      '\u00ef\u00bb\u00bf{}',
      '[-0,1E+2]',
    ],
  ],
  mutate: (text, other, random) =>
    once(random, 4)
      ? mutateText(latin1Of(write(value(random, 5), random)), other, random)
      : mutateText(text, other, random),
  run: async (text, call) => {
    const bytes = bytesOf(text);
    const parsed = await attempt(() =>
      call(() => json.parseJson(bytes, 'json', 'ERR_MANDATE_MALFORMED', limits.maxDepth)),
    );
    const modelled = await attempt(async () => readBytes(bytes));
    if (parsed.error !== undefined) {
      const isTooDeep = (parsed.error as { code?: string }).code === 'ERR_MANDATE_TOO_LARGE';
      if (modelled.value !== undefined && !(isTooDeep && levels(modelled.value) > limits.maxDepth))
        throw new Disagreement(`refused what is strict JSON: ${parsed.error.message}`);
      throw parsed.error;
    }
    if (modelled.value === undefined) throw new Disagreement(`accepted: ${modelled.error?.message}`);
    if (levels(modelled.value) > limits.maxDepth)
      throw new Disagreement('accepted beyond the limit of nesting');
    if (!isSame(modelled.value, parsed.value?.value)) throw new Disagreement('parsed as another value');
  },
});

function readBytes(bytes: Uint8Array) {
  const text = Buffer.from(bytes).toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) throw new NotJson('R2.6');
  return readTree(text);
}

async function attempt<T>(make: () => Promise<T>): Promise<{ value?: T; error?: Error }> {
  try {
    return { value: await make() };
  } catch (error) {
    return { error: error as Error };
  }
}
