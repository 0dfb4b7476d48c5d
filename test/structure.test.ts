import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { circleOf, faultOf, importsOf, repeatedImports } from '../scripts/structure/graph.js';

const ROOT = new URL('../', import.meta.url);
const imports = importsOf(new URL('src/', ROOT));

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

test('no file imports names of one module in two statements', () => {
  const files = ['src', 'test', 'scripts', 'examples', 'vectors/generate'].flatMap((folder) =>
    (readdirSync(new URL(folder, ROOT), { recursive: true }) as string[])
      .filter((name) => /\.m?ts$|\.mjs$/.test(name) && !name.includes('node_modules'))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  );
  expect(files.length).toBeGreaterThan(300);
  const repeated = files.filter(
    (file) => repeatedImports(readFileSync(new URL(file, ROOT), 'utf8')).length > 0,
  );
  expect(repeated).toEqual([]);
});

test('two imports of one module are found; a namespace is a statement of its own', () => {
  expect(repeatedImports("import type { A } from 'x';\nimport {\n  b,\n} from 'x';\nconst c = 1;\n")).toEqual(
    ['x'],
  );
  expect(repeatedImports("import * as x from 'x';\nimport { b, type C } from 'x';\n")).toEqual([]);
});
