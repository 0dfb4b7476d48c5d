import { expect, test } from 'vitest';
import { createMemoryStore, encodeEntry } from '../../src/seal/index.js';
import { merkleOf } from '../../src/seal/merkle.js';
import { bundlePath, indexPath, levelsOf, tilePath, widthAt } from '../../src/seal/tiles.js';
import { TreeReader } from '../../src/seal/tree-reader.js';
import { TreeWriter, type WriteRight } from '../../src/seal/tree-writer.js';
import { mth, path, proof, record } from './support.js';

const merkle = merkleOf('SHA-256');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The entries and roots that Certificate Transparency's own tests use for RFC 6962. */
const CT_ENTRIES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((text) => Uint8Array.from(Buffer.from(text, 'hex')));
const CT_ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const right: WriteRight = { claim: async () => {}, check: async () => {} };

async function treeOf(entries: readonly Uint8Array[]) {
  const store = createMemoryStore();
  const writer = new TreeWriter(store, merkle, right);
  for (const entry of entries) await writer.append(entry);
  await writer.writePartials(0);
  return { store, writer, reader: new TreeReader(store, entries.length, merkle) };
}

test("the roots are those of Certificate Transparency's tests (RFC 6962 §2.1)", async () => {
  expect(hex(merkle.emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  for (const [i, expected] of CT_ROOTS.entries()) {
    const { writer } = await treeOf(CT_ENTRIES.slice(0, i + 1));
    expect(hex(writer.root())).toBe(expected);
  }
});

test('leaf and node hashes have prefixes of their own (RFC 6962 §2.1)', () => {
  const [a, b] = [merkle.leafHash(Uint8Array.of(1)), merkle.leafHash(Uint8Array.of(2))];
  expect(hex(merkle.nodeHash(a, b))).not.toBe(hex(merkle.leafHash(Uint8Array.of(...a, ...b))));
  expect(merkle.foldEdge([])).toEqual(merkle.emptyRoot());
});

const SIZES = [1, 2, 3, 4, 7, 8, 9, 255, 256, 257, 511, 512, 600];

test('every root and inclusion proof is as the definitions of RFC 6962 §2.1.1 compute it', async () => {
  for (const size of SIZES) {
    const entries = Array.from({ length: size }, (_, n) => encodeEntry(record(n)));
    const { writer, reader } = await treeOf(entries);
    const root = mth(entries);
    expect(hex(writer.root())).toBe(root.toString('hex'));
    for (const index of new Set([0, 1, size >> 1, 254, 255, 256, size - 1])) {
      if (index >= size) continue;
      const hashes = await reader.inclusionProof(index);
      expect(hashes.map(hex)).toEqual(path(index, entries).map((hash) => hash.toString('hex')));
      const leaf = merkle.leafHash(entries[index] as Uint8Array);
      expect(merkle.isIncluded(leaf, index, size, hashes, root)).toBe(true);
      expect(merkle.isIncluded(leaf, index + 1, size, hashes, root)).toBe(false);
      if (size > 1) expect(merkle.isIncluded(leaf, index, size, hashes.slice(1), root)).toBe(false);
      expect(merkle.isIncluded(leaf, index, size, [...hashes, leaf], root)).toBe(false);
    }
  }
});

test('every consistency proof is as the definition of RFC 6962 §2.1.2 computes it', async () => {
  for (const size of SIZES) {
    const entries = Array.from({ length: size }, (_, n) => encodeEntry(record(n)));
    const { reader } = await treeOf(entries);
    for (const old of [1, 2, 3, 6, 128, 255, 256, 300, 512, size - 1]) {
      if (old < 1 || old >= size) continue;
      const hashes = await reader.consistencyProof(old);
      expect(hashes.map(hex)).toEqual(proof(old, entries).map((hash) => hash.toString('hex')));
      const [oldRoot, root] = [mth(entries.slice(0, old)), mth(entries)];
      expect(merkle.isConsistent(old, oldRoot, size, root, hashes)).toBe(true);
      expect(merkle.isConsistent(old, root, size, root, hashes)).toBe(false);
      expect(merkle.isConsistent(old, oldRoot, size, oldRoot, hashes)).toBe(false);
      expect(merkle.isConsistent(old, oldRoot, size, root, [...hashes, root])).toBe(false);
      if (hashes.length > 0)
        expect(merkle.isConsistent(old, oldRoot, size, root, hashes.slice(1))).toBe(false);
    }
  }
});

test('equal sizes need equal roots and no proof, and an empty tree the root of one (RFC 9162 §2.1.4.2)', () => {
  const root = merkle.leafHash(Uint8Array.of(1));
  expect(merkle.isConsistent(1, root, 1, root, [])).toBe(true);
  expect(merkle.isConsistent(1, root, 1, root, [root])).toBe(false);
  expect(merkle.isConsistent(1, root, 1, merkle.emptyRoot(), [])).toBe(false);
  expect(merkle.isConsistent(0, merkle.emptyRoot(), 1, root, [])).toBe(true);
  expect(merkle.isConsistent(0, root, 1, root, [])).toBe(false);
  expect(merkle.isConsistent(2, root, 1, root, [])).toBe(false);
});

test('tiles lie where C2SP tlog-tiles puts them', () => {
  expect(indexPath(1234067)).toBe('x001/x234/067');
  expect(indexPath(0)).toBe('000');
  expect(indexPath(999)).toBe('999');
  expect(indexPath(1000)).toBe('x001/000');
  expect(tilePath(1, 0, 17)).toBe('tile/1/000.p/17');
  expect(bundlePath(273, 112)).toBe('tile/entries/273.p/112');
});

test('a tree of 70 000 entries has the tiles that C2SP tlog-tiles says', () => {
  expect(widthAt(0, 272, 70_000)).toBe(256);
  expect(widthAt(0, 273, 70_000)).toBe(112);
  expect(widthAt(1, 0, 70_000)).toBe(256);
  expect(widthAt(1, 1, 70_000)).toBe(17);
  expect(widthAt(2, 0, 70_000)).toBe(1);
  expect(levelsOf(70_000)).toBe(3);
  expect([widthAt(0, 0, 256), widthAt(0, 1, 256), widthAt(1, 0, 256)]).toEqual([256, 0, 1]);
});

test('the files of a log of 70 000 entries are those tiles and their bundles', async () => {
  const { store } = await treeOf(Array.from({ length: 70_000 }, (_, n) => Uint8Array.of(n >> 16, n >> 8, n)));
  const names = [...store.entries.keys()];
  const count = (prefix: string, isPartial: boolean): number =>
    names.filter((name) => name.startsWith(prefix) && name.includes('.p/') === isPartial).length;
  expect([count('tile/0/', false), count('tile/0/', true)]).toEqual([273, 1]);
  expect([count('tile/1/', false), count('tile/1/', true)]).toEqual([1, 1]);
  expect([count('tile/2/', false), count('tile/2/', true)]).toEqual([0, 1]);
  expect([count('tile/entries/', false), count('tile/entries/', true)]).toEqual([273, 1]);
  expect(names).toContain('tile/0/273.p/112');
  expect(names).toContain('tile/1/001.p/17');
  expect(names).toContain('tile/2/000.p/1');
});
