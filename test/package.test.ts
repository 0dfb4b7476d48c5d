// The package as it is published: what `npm run build` leaves in dist.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readJson } from './support.js';

const DIST = new URL('../dist/', import.meta.url);
const manifest = readJson('../package.json');
const files = (readdirSync(DIST, { recursive: true }) as string[]).map((path) => path.replaceAll('\\', '/'));
const scripts = files.filter((path) => path.endsWith('.js'));
const importsOf = (path: string) =>
  [
    ...readFileSync(new URL(path, DIST), 'utf8').matchAll(
      /^(?:import|export)\b[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ].map(([, name, dynamic]) => (name ?? dynamic) as string);

/** Everything that loads when a file does, as paths below dist and package names. */
function closure(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const name of importsOf(entry)) {
    if (name.startsWith('.')) closure(new URL(name, new URL(entry, DIST)).href.slice(DIST.href.length), seen);
    else seen.add(name);
  }
  return seen;
}

test('the package can be imported by its name', async () => {
  const self = await import(manifest.name);
  expect(Object.keys(self).sort()).toEqual(Object.keys(await import('../src/index.js')).sort());
});

test('imports nothing that a browser does not have', () => {
  expect(scripts.length).toBeGreaterThan(20);
  const packages = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
  for (const path of scripts) {
    for (const name of importsOf(path)) {
      // The two files of the library that do I/O, behind an export of their own, and the command line: no other file imports them.
      const isStore = /^seal\/file-(?:store|lock)\.js$/.test(path);
      const doesIo = isStore || path.startsWith('cli/');
      if (doesIo && name.startsWith('node:')) continue;
      expect(name, path).not.toMatch(/^node:/);
      if (!path.startsWith('cli/'))
        expect(name, path).not.toMatch(isStore ? /\bcli\// : /file-(?:store|lock)|\bcli\//);
      const isOwn = name.startsWith('.');
      const isDependency = packages.some((known) => name === known || name.startsWith(`${known}/`));
      expect(isOwn || isDependency, `${path} imports ${name}`).toBe(true);
    }
    // Buffer only as a property of globalThis that may be missing.
    const unguarded = path.endsWith('encoding/node-buffer.js') ? /\brequire\(/ : /\bBuffer\b|\brequire\(/;
    expect(readFileSync(new URL(path, DIST), 'utf8'), path).not.toMatch(unguarded);
  }
});

test('the command line is a program for Node, and nothing that can be imported', () => {
  expect(manifest.bin).toEqual({ 'ap2-pq': 'dist/cli/main.js' });
  expect(readFileSync(new URL('cli/main.js', DIST), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(JSON.stringify(manifest.exports)).not.toContain('cli');
});

test('needs every dependency it declares', () => {
  const loaded = [...closure('index.js'), ...closure('ap2/index.js')];
  for (const name of [...Object.keys(manifest.dependencies), 'jose']) {
    expect(
      loaded.some((path) => path === name || path.startsWith(`${name}/`)),
      name,
    ).toBe(true);
  }
});

test('verifying does not load what signs: neither @sd-jwt/core nor the packer', () => {
  const loaded = closure('mandate/verify.js');
  for (const path of [
    '@sd-jwt/core',
    'sd-jwt/pack.js',
    'jws/sign.js',
    'mandate/sign.js',
    'keys/generate.js',
  ]) {
    expect(loaded).not.toContain(path);
  }
});

test('has no default export, no side effects, and types for everything', () => {
  expect(manifest.sideEffects).toBe(false);
  for (const path of scripts) {
    expect(readFileSync(new URL(path, DIST), 'utf8'), path).not.toMatch(/export default/);
    expect(files).toContain(path.replace(/\.js$/, '.d.ts'));
  }
});

test('the lock file lists every optional package of what it locks, for every platform, and no address', () => {
  // npm 11 refuses to install otherwise: a platform package that is missing from the registry is missing here.
  const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, { optionalDependencies?: object }> };
  for (const [path, { optionalDependencies }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies ?? {})) {
      expect(
        Object.keys(packages).some((locked) => locked.endsWith(`node_modules/${name}`)),
        `${path}: ${name}`,
      ).toBe(true);
    }
  }
  expect(text).not.toMatch(/"resolved"|https?:\/\/registry/);
});

test('README.md links to nothing that the tarball lacks', async () => {
  const { linksOf } = await import('../scripts/docs/links.js');
  const packed = ['package.json', 'README.md', 'LICENSE', ...manifest.files] as string[];
  const isPacked = (target: string) =>
    packed.some((entry) =>
      entry.endsWith('*.md')
        ? target.startsWith(entry.slice(0, -4)) && /^[^/]+\.md$/.test(target.slice(entry.length - 4))
        : target === entry || target.startsWith(`${entry}/`),
    );
  const links = linksOf('README.md', readFileSync(new URL('../README.md', import.meta.url), 'utf8'));
  expect(links.length).toBeGreaterThan(30);
  for (const { target } of links) expect(isPacked(target), target).toBe(true);
});

describe('the documents in the package', () => {
  const ROOT = new URL('../', import.meta.url);
  const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
  const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: fileURLToPath(ROOT),
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files: packed }] = JSON.parse(listing) as [{ files: { path: string }[] }];
  const shipped = new Set(packed.map(({ path }) => path));
  const documents = [...shipped].filter((path) => path.endsWith('.md'));

  test('their links lead to what is in it too', () => {
    expect(documents.length).toBeGreaterThan(40);
    const dead = documents.flatMap((path) =>
      [
        ...read(path)
          .replace(/^```[\s\S]*?^```/gm, '')
          .replace(/`[^`\n]*`/g, '')
          .matchAll(/\]\(([^)\s#]+)[^)]*\)/g),
      ]
        .map(([, target]) => target as string)
        .filter((target) => !/^[a-z]+:/i.test(target))
        .map((target) => posix.join(posix.dirname(path), target))
        .filter(
          (target) => !shipped.has(target) && ![...shipped].some((each) => each.startsWith(`${target}/`)),
        )
        .map((target) => `${path}: ${target}`),
    );
    expect(dead).toEqual([]);
  });

  test('a command that needs a clone is said to need one', () => {
    const unsaid = documents
      .filter((path) => !['CONTRIBUTING.md', 'CHANGELOG.md'].includes(path))
      .flatMap((path) => {
        const paragraphs = read(path).split(/\n{2,}/);
        return paragraphs
          .filter(
            (text, index) =>
              /\bnpm (?:run|ci|test|start)\b/.test(text) &&
              !/\bclone\b/.test(`${paragraphs[index - 1] ?? ''}\n${text}`),
          )
          .map((text) => `${path}: ${text.slice(0, 80)}`);
      });
    expect(unsaid).toEqual([]);
  });

  test('the reference calls each module by the name that it is imported by, and has no trace of its markup', () => {
    const pages = documents.filter((path) => path.startsWith('docs/api/') && path !== 'docs/api/README.md');
    const names = Object.entries(manifest.exports)
      .filter(([, target]) => typeof target === 'object')
      .map(([subpath]) => subpath.replace(/^\./, manifest.name));
    expect(pages.map((path) => /^# (.+)$/m.exec(read(path))?.[1]).sort()).toEqual(names.sort());
    const listed = [...read('docs/api/README.md').matchAll(/^- \[`(.+?)`\]/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(names.sort());
    for (const path of pages) {
      const prose = read(path)
        .replace(/^```[\s\S]*?^```/gm, '')
        .replace(/`[^`\n]*`/g, '');
      expect(prose.match(/\{@?[A-Z]\w*\}|\{@\w+/g), path).toBeNull();
    }
  });
});
