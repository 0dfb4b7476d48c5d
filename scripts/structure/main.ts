// Prints which folder of src/ imports which, lowest layer first, and every import that breaks the order of layers.
//
//   npm run structure
import { circleOf, faultOf, folderOf, importsOf, LAYERS } from './graph.js';

const imports = importsOf(new URL('../../../src/', import.meta.url));
const faults = imports.filter((found) => faultOf(found) !== undefined);
const circle = circleOf(imports);

for (const folder of LAYERS.flat()) {
  const counts = new Map<string, number>();
  for (const { from, to } of imports) {
    if (from === 'index.ts' || folderOf(from) !== folder || folderOf(to) === folder) continue;
    counts.set(folderOf(to), (counts.get(folderOf(to)) ?? 0) + 1);
  }
  const arrows = LAYERS.flat()
    .filter((name) => counts.has(name))
    .map((name) => `${name} ${counts.get(name)}`);
  console.log(`${folder.padEnd(16)} → ${arrows.join(', ') || 'nothing'}`);
}
for (const found of faults) console.log(`${faultOf(found)}: ${found.from} → ${found.to}`);
if (circle !== undefined) console.log(`circle: ${circle.join(' → ')}`);
console.log(`${imports.length} imports, ${faults.length} upward, ${circle === undefined ? 0 : 1} circles`);
if (faults.length > 0 || circle !== undefined) process.exitCode = 1;
