// The imports of src/, by folder. Every import counts, including type imports.
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/**
 * The layers, lowest first. A file imports from its own folder and from lower layers only; folders of one layer do not
 * import each other. `.` holds the files directly in src/, except `index.ts`, which exports and is not imported.
 */
export const LAYERS: readonly (readonly string[])[] = [
  ['.'],
  ['encoding'],
  ['primitives'],
  ['keys'],
  ['jws'],
  ['claims'],
  ['sd-jwt'],
  ['key-sets', 'key-binding', 'x5c'],
  ['revocation'],
  ['mandate'],
  ['adapters'],
  ['signers'],
  ['ap2/model'],
  ['ap2/constraints'],
  ['ap2/chain'],
  ['ap2/purchase'],
  ['ap2'],
  ['vi'],
  ['ledger/store'],
  ['ledger'],
  ['ledger/conformance'],
  ['seal'],
  ['evidence'],
  ['opentelemetry'],
  ['cli'],
];

/** An import of one file by another, both as paths below src/. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

const IMPORT = /\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)/g;

/** All imports between files of `src`. */
export function importsOf(src: URL): Import[] {
  const names = (readdirSync(src, { recursive: true }) as string[]).map((name) => name.replaceAll('\\', '/'));
  return names
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .flatMap((from) =>
      [...readFileSync(new URL(from, src), 'utf8').matchAll(IMPORT)].map(([, named, lazy]) => ({
        from,
        to: posix.join(posix.dirname(from), (named ?? lazy) as string).replace(/\.js$/, '.ts'),
      })),
    );
}

export const folderOf = (file: string): string => posix.dirname(file);

const layerOf = (file: string): number => LAYERS.findIndex((layer) => layer.includes(folderOf(file)));

/** The reason why an import breaks the order of layers, or `undefined`. */
export function faultOf({ from, to }: Import): string | undefined {
  if (from === 'index.ts' || folderOf(from) === folderOf(to)) return undefined;
  const [above, below] = [layerOf(from), layerOf(to)];
  if (above < 0 || below < 0) return 'a folder that is in no layer';
  if (above === below) return 'folders of one layer';
  return above < below ? 'upwards' : undefined;
}

/** An import cycle between files, or `undefined`: each imports the next, and the last imports the first. */
export function circleOf(imports: readonly Import[]): readonly string[] | undefined {
  const next = new Map<string, Import[]>();
  for (const found of imports) next.set(found.from, [...(next.get(found.from) ?? []), found]);
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(file)) return way.slice(way.indexOf(file));
    if (done.has(file)) return undefined;
    for (const { to } of next.get(file) ?? []) {
      const circle = visit(to, [...way, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const circle = visit(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

const NAMED_IMPORT = /^import (?:type )?(?:\w+, )?\{[^}]*\} from '([^']+)';$/gm;
const FIRST_DECLARATION = /^(?:export|const|let|function|async|interface|type|class|await|describe|test)\b/m;

/** The modules that a file imports names from in several statements, `import` and `import type` say. */
export function repeatedImports(source: string): string[] {
  const end = source.search(FIRST_DECLARATION);
  const head = end < 0 ? source : source.slice(0, end);
  const modules = [...head.matchAll(NAMED_IMPORT)].map(([, module]) => module as string);
  return modules.filter((module, index) => modules.indexOf(module) !== index);
}
