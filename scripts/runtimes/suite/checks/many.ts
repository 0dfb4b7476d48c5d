// verifyMandates: in order, each result or error in its place.
import { verifyMandate, verifyMandates } from 'ap2-pq';
import { change, flip } from '../../../../vectors/generate/forge/compact.js';
import { assert, type Check, refuses } from '../harness.js';
import { NOW, type World } from '../world.js';

const at = { currentDate: NOW };

export function manyChecks({ mandates, publicKeys }: World): Check[] {
  const good = mandates['ML-DSA-65'];
  const bad = change(good, ({ signature }) => ({ signature: flip(signature, 9) }));
  const verdicts = async (source: Iterable<string> | AsyncIterable<string>, concurrency: number) => {
    const seen: string[] = [];
    for await (const outcome of verifyMandates(source, publicKeys, { ...at, concurrency })) {
      assert(outcome.index === seen.length, 'out of order');
      seen.push(outcome.verified ? 'valid' : String((outcome.error as { code?: string }).code));
    }
    return seen.join(' ');
  };
  const expected = 'valid ERR_MANDATE_ES256_INVALID valid ERR_MANDATE_MALFORMED valid';
  const source = [good, bad, good, 'not a mandate~', good];
  return [
    ...[1, 2, 16].map((concurrency) => ({
      name: `verifyMandates, ${concurrency} at a time: each outcome in its place`,
      run: async () => {
        const seen = await verdicts(source, concurrency);
        assert(seen === expected, seen);
      },
    })),
    {
      name: 'verifyMandates reads an async source no further ahead than it verifies at a time',
      run: async () => {
        let read = 0;
        let ended = false;
        async function* lines(): AsyncGenerator<string> {
          try {
            for (;;) {
              read++;
              yield good;
            }
          } finally {
            ended = true;
          }
        }
        let taken = 0;
        for await (const outcome of verifyMandates(lines(), publicKeys, { ...at, concurrency: 3 })) {
          assert(outcome.verified, 'refused');
          if (++taken === 5) break;
        }
        assert(read <= taken + 4, `read ${read} for ${taken}`);
        assert(ended, 'the source is still open');
      },
    },
    {
      name: 'verifyMandates refuses what is no source, and no keys, at once',
      run: async () => {
        await refuses(() => verifyMandates(good as never, publicKeys), 'ERR_MANDATE_ARGUMENT_INVALID');
        await refuses(() => verifyMandates([good], 7 as never), 'ERR_MANDATE_ARGUMENT_INVALID');
        await refuses(
          () => verifyMandates([good], publicKeys, { concurrency: 0 }),
          'ERR_MANDATE_ARGUMENT_INVALID',
        );
      },
    },
    {
      name: 'sixteen verifications at once do not disturb each other',
      run: async () => {
        const attempts = Array.from({ length: 16 }, (_, n) =>
          verifyMandate(n % 2 === 0 ? good : bad, publicKeys, at).then(
            () => 'valid',
            (error) => error.code,
          ),
        );
        const wrong = (await Promise.all(attempts)).filter(
          (verdict, n) => verdict !== (n % 2 === 0 ? 'valid' : 'ERR_MANDATE_ES256_INVALID'),
        );
        assert(wrong.length === 0, wrong.join(' '));
      },
    },
  ];
}
