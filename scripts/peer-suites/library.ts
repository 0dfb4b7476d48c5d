// The library under test, with the internal parts that the suites of others test directly.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const dist = pathToFileURL(createRequire(import.meta.url).resolve('ap2-pq'));
const load = (path: string) => import(new URL(path, dist).href);

const base64url: typeof import('../../src/encoding/base64url.js') = await load('encoding/base64url.js');
const canonical: typeof import('../../src/encoding/canonicalize.js') = await load('encoding/canonicalize.js');
const iJson: typeof import('../../src/encoding/i-json.js') = await load('encoding/i-json.js');
const json: typeof import('../../src/encoding/parse-json.js') = await load('encoding/parse-json.js');
const policy: typeof import('../../src/jws/policy.js') = await load('jws/policy.js');
const jws: typeof import('../../src/jws/verify.js') = await load('jws/verify.js');
const profile: typeof import('../../src/profile.js') = await load('profile.js');

export const { decodeBase64url } = base64url;
export const { canonicalize } = canonical;
export const { toIJson } = iJson;
export const { parseJson } = json;
export const { policyRules } = policy;
export const { readJws, verifyJws } = jws;
export const { DEFAULT_LIMITS } = profile;
