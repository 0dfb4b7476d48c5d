// The code that a browser loads to verify: a bundle of verifyMandate and its imports.
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type ImportKind, type Metafile, type OutputFile } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Bytes {
  readonly files: number;
  readonly minified: number;
  readonly gzip: number;
  readonly brotli: number;
}

export interface BrowserBytes {
  /** Loaded before the first mandate is verified, on every runtime. */
  readonly eager: Bytes;
  /** Loaded later, if the runtime lacks the primitive, by the file of each primitive. */
  readonly lazy: Readonly<Record<string, Bytes>>;
  /** Minified bytes of the eager part, by package. */
  readonly eagerByPackage: Readonly<Record<string, number>>;
}

export async function browserBytes(): Promise<BrowserBytes> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export { verifyMandate } from 'ap2-pq';`, resolveDir: ROOT },
    absWorkingDir: ROOT,
    outdir: 'build/bundle',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    metafile: true,
    write: false,
  });
  const entry = Object.keys(metafile.outputs).find((path) => metafile.outputs[path]?.entryPoint) as string;
  const eager = withImports(metafile, entry);
  const dynamic = [...eager].flatMap((path) => importsOf(metafile, path, 'dynamic-import'));
  const lazy = [...new Set(dynamic)].map((path) => {
    const more = [...withImports(metafile, path)].filter((file) => !eager.has(file));
    return [metafile.outputs[path]?.entryPoint ?? path, measure(outputFiles, more)] as const;
  });
  return {
    eager: measure(outputFiles, [...eager]),
    lazy: Object.fromEntries(lazy),
    eagerByPackage: byPackage(metafile, eager),
  };
}

const importsOf = ({ outputs }: Metafile, file: string, kind: ImportKind): string[] =>
  (outputs[file]?.imports ?? []).filter((found) => found.kind === kind).map(({ path }) => path);

/** A file and its static imports. */
function withImports(metafile: Metafile, file: string): Set<string> {
  const files = new Set([file]);
  for (const each of files) {
    for (const imported of importsOf(metafile, each, 'import-statement')) files.add(imported);
  }
  return files;
}

function byPackage({ outputs }: Metafile, files: ReadonlySet<string>): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const file of files) {
    for (const [path, { bytesInOutput }] of Object.entries(outputs[file]?.inputs ?? {})) {
      const name = packageOf(path);
      sizes[name] = (sizes[name] ?? 0) + bytesInOutput;
    }
  }
  return sizes;
}

const packageOf = (path: string): string =>
  /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? 'ap2-pq';

function measure(files: readonly OutputFile[], paths: readonly string[]): Bytes {
  const contents = files.filter(({ path }) => paths.some((name) => path.endsWith(`/${name}`)));
  const sum = (size: (bytes: Uint8Array) => number): number =>
    contents.reduce((total, file) => total + size(file.contents), 0);
  return {
    files: contents.length,
    minified: sum((bytes) => bytes.length),
    gzip: sum((bytes) => gzipSync(bytes, { level: 9 }).length),
    brotli: sum((bytes) => brotliCompressSync(bytes, BROTLI).length),
  };
}

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
