import { expect, test } from 'vitest';
import { circleOf, faultOf, importsOf } from '../scripts/structure/graph.js';

const imports = importsOf(new URL('../src/', import.meta.url));

test('every import of src/ leads to the same folder or to a lower layer', () => {
  expect(imports.length).toBeGreaterThan(100);
  expect(imports.filter((found) => faultOf(found) !== undefined)).toEqual([]);
});

test('no file imports itself, directly or through others', () => {
  expect(circleOf(imports)).toBeUndefined();
});

test('an upward import and a circle are found', () => {
  expect(faultOf({ from: 'primitives/node.ts', to: 'keys/jwk.ts' })).toBe('upwards');
  expect(faultOf({ from: 'mandate/verify.ts', to: 'elsewhere/x.ts' })).toBe('a folder that is in no layer');
  const circle = circleOf([
    { from: 'a.ts', to: 'b.ts' },
    { from: 'b.ts', to: 'c.ts' },
    { from: 'c.ts', to: 'b.ts' },
  ]);
  expect(circle).toEqual(['b.ts', 'c.ts']);
});
