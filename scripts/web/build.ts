// Builds the verifier page: one self-contained file.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from '../runtimes/paths.js';

const SOURCES = fileURLToPath(new URL('../../../scripts/web/page/', import.meta.url));
export const OUTPUT = `${ROOT}build/web/`;
export const PAGE = `${OUTPUT}verifier.html`;

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The permissions of the page: run its own script, use its own style, and fetch keys from the user's address. */
const policy = (script: string, style: string): string =>
  [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'connect-src https:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/** Maps each error code to its rules: the table of SPEC.md, appendix C. */
async function rules(): Promise<Record<string, string>> {
  const spec = await readFile(`${ROOT}SPEC.md`, 'utf8');
  const [, table = ''] = spec.split('<!-- codes:begin -->');
  const rows = [...table.matchAll(/^\| `(ERR_\w+)` \| (.+) \|$/gm)];
  return {
    ...Object.fromEntries(rows.map(([, code, found]) => [code as string, found as string])),
    ERR_JWT_EXPIRED: 'R6.46–R6.50',
    ERR_JWT_CLAIM_VALIDATION_FAILED: 'R6.41–R6.50',
  };
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`${SOURCES}page.ts`],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    define: { RULES: JSON.stringify(await rules()) },
    logLevel: 'warning',
  });
  // A script element must not contain anything that looks like its end tag.
  return (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
}

/** Inserts a part into the template, after the only occurrence of `before`. */
function insert(template: string, before: string, part: string): string {
  const [start, end, ...more] = template.split(before);
  if (start === undefined || end === undefined || more.length > 0)
    throw new Error(`page.html must hold ${before} once`);
  return start + before + part + end;
}

/** Writes the page. Returns its size in bytes and its SHA-256 in hexadecimal digits. */
export async function buildPage(): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const source = (name: string): Promise<string> => readFile(`${SOURCES}${name}`, 'utf8');
  const [script, style, template] = [await bundle(), await source('page.css'), await source('page.html')];
  const { version } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8')) as { version: string };
  const html = [
    ['http-equiv="Content-Security-Policy" content="', policy(script, style)],
    ['<style>', style],
    ['<span id="version">', version],
    ['<script>', script],
  ].reduce((page, [before, part]) => insert(page, before as string, part as string), template);
  await mkdir(OUTPUT, { recursive: true });
  await writeFile(PAGE, html);
  return { bytes: Buffer.byteLength(html), sha256: createHash('sha256').update(html).digest('hex') };
}
