// The library under test, with the internal parts that the fuzzer calls directly. Tests pass the code in src, the fuzzer passes
// the build.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export interface Library {
  readonly api: typeof import('../../src/index.js');
  readonly ap2: typeof import('../../src/ap2/index.js');
  readonly base64url: typeof import('../../src/encoding/base64url.js');
  readonly json: typeof import('../../src/encoding/parse-json.js');
  readonly disclosures: typeof import('../../src/sd-jwt/disclosures.js');
  readonly limits: typeof import('../../src/profile.js').DEFAULT_LIMITS;
}

/** Loads the library from dist. */
export async function loadLibrary(): Promise<Library> {
  const dist = pathToFileURL(createRequire(import.meta.url).resolve('ap2-pq'));
  const load = (path: string) => import(new URL(path, dist).href);
  return {
    api: await load('index.js'),
    ap2: await load('ap2/index.js'),
    base64url: await load('encoding/base64url.js'),
    json: await load('encoding/parse-json.js'),
    disclosures: await load('sd-jwt/disclosures.js'),
    limits: (await load('profile.js')).DEFAULT_LIMITS,
  };
}
