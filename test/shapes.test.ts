// Mandates made to be slow, at the limits and one step beyond them. Nothing is timed here: `npm run fuzz -- --shapes` is.
import { describe, expect, test } from 'vitest';
import type { Shape } from '../scripts/fuzz/shapes.js';
import { SHAPES } from '../scripts/fuzz/shapes.js';
import { verifyMandate } from '../src/index.js';
import { DEFAULT_LIMITS } from '../src/profile.js';

const keys = { es256: () => true, mldsa65: () => true };

const outcomeOf = ({ make, options }: Shape, size: number): Promise<string> =>
  verifyMandate(make(size), keys, { policy: 'pq-optional', ...options }).then(
    () => 'accepted',
    (error) => error.code,
  );

describe.each(SHAPES)('$name', (shape) => {
  test(`at the limit: ${shape.verdict}`, async () => {
    expect(shape.most).toBe(DEFAULT_LIMITS[shape.limit]);
    expect(await outcomeOf(shape, shape.most)).toBe(shape.verdict);
  });

  test('beyond the limit: ERR_MANDATE_TOO_LARGE', async () => {
    // What is made of whole units can end a little short of the size.
    const beyond = shape.limit === 'maxDisclosures' ? shape.most + 1 : shape.most + 512;
    expect(await outcomeOf(shape, beyond)).toBe('ERR_MANDATE_TOO_LARGE');
  });
});
