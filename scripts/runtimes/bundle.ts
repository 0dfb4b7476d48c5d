// Bundles the suite, including the vectors, as a few ES modules that any runtime can load.
import { readFile, rm } from 'node:fs/promises';
import { build, type Plugin } from 'esbuild';
import { withKeys } from '../../vectors/generate/key-sets.js';
import { BUNDLE, ROOT } from './paths.js';

/** Files of portable primitives. Each adds its name to a global list when it is loaded. */
const PORTABLE = /node_modules\/(@noble\/(?:post-quantum\/ml-dsa|curves\/nist)\.js)$/;

const announce: Plugin = {
  name: 'announce-portable-code',
  setup({ onLoad }) {
    onLoad({ filter: PORTABLE }, async ({ path }) => {
      const [, name] = PORTABLE.exec(path.replaceAll('\\', '/')) as unknown as [string, string];
      const announcement = `(globalThis.portableCode ??= []).push(${JSON.stringify(name)});`;
      return { contents: `${await readFile(path, 'utf8')}\n${announcement}` };
    });
  },
};

const readVectors = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(`${ROOT}vectors/${name}.json`, 'utf8'));

/** The vectors of chains, each with the public keys of its first signer. */
async function chains(): Promise<object[]> {
  const file = (await readVectors('chains')) as {
    signers: Record<string, { publicKeys: object }>;
    vectors: {
      id: string;
      verify: string;
      mandate: string;
      keys: string;
      options: object;
      expected: object;
    }[];
  };
  return file.vectors.map(({ id, verify, mandate, keys, options, expected }) => ({
    ...{ id, verify, mandate, options, expected },
    keys: file.signers[keys]?.publicKeys,
  }));
}

async function vectors(): Promise<object> {
  const { privateKeys, publicKeys } = await readVectors('keys');
  return {
    privateKeys,
    publicKeys,
    tokenLevel: (await readVectors('token-level')).vectors,
    chains: await chains(),
    negative: withKeys((await readVectors('negative')) as never),
  };
}

/** Makes the bundle and returns the names of its files. Fails if anything imports a Node module. */
export async function bundle(): Promise<string[]> {
  await rm(BUNDLE, { recursive: true, force: true });
  const entries = ['suite', 'automatic', 'print-suite', 'print-automatic', 'worker', 'module-level'];
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: entries.map((name) => `scripts/runtimes/suite/${name}.ts`),
    outdir: BUNDLE,
    outExtension: { '.js': '.mjs' },
    entryNames: '[name]',
    bundle: true,
    splitting: true,
    format: 'esm',
    // Neutral platform: an import of node:crypto makes the build fail.
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    define: { VECTORS: JSON.stringify(await vectors()) },
    plugins: [announce],
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.outputs).map((path) => path.split('/').at(-1) as string);
}
