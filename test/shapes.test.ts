// Input made to be slow, at the limits and beyond them. Nothing is timed here: `npm run fuzz -- --shapes` is.
import { describe, expect, test } from 'vitest';
import { verdictOf } from '../scripts/fuzz/shapes/shape.js';
import { SHAPES } from '../scripts/fuzz/shapes.js';
import * as api from '../src/index.js';
import { DEFAULT_LIMITS } from '../src/profile.js';

describe.each(SHAPES)('$name', (shape) => {
  test(`at the limit: ${shape.verdict}`, async () => {
    const { [shape.limit]: limit = shape.most } = DEFAULT_LIMITS as Readonly<Record<string, number>> & object;
    expect(shape.most).toBe(limit);
    expect(await verdictOf(shape, api, shape.make(shape.most))).toBe(shape.verdict);
  });

  test(`beyond the limit: ${shape.beyond.verdict}`, async () => {
    expect(await verdictOf(shape, api, shape.make(shape.beyond.size))).toBe(shape.beyond.verdict);
  });
});
