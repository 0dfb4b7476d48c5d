import { equal } from '../encoding/bytes.js';
import { fail } from '../errors.js';
import { type SealPolicy, type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.js';
import { checkHash } from './hashes.js';
import { type Merkle, merkleOf } from './merkle.js';
import { checkStore, getBytes, type SealStore } from './store.js';
import { CHECKPOINT_PATH, entriesBelow, hashesAt, levelsOf, TILE_WIDTH, tilePath } from './tiles.js';
import { readEntries, readTile, TreeReader } from './tree-reader.js';

/** The result of {@link auditSealLog}. */
export interface AuditedSealLog extends VerifiedCheckpoint {
  /** The number of tiles and bundles read. */
  readonly files: number;
}

/** Options of {@link auditSealLog}; all optional. */
export interface AuditOptions {
  /** Called with every entry, in order, to compare it with `encodeEntry` of the records in the archive. */
  onEntry?: ((index: number, entry: Uint8Array) => void | Promise<void>) | undefined;
}

/**
 * Reads a whole log in constant memory and verifies it against its checkpoint: every entry against its leaf hash, every tile
 * against the hash above it, and the root against the signature.
 *
 * @throws {MandateError} `ERR_SEAL_LOG_CORRUPT`, which names the file; as {@link verifyCheckpoint}.
 */
export async function auditSealLog(
  store: SealStore,
  policy: SealPolicy,
  options?: AuditOptions,
): Promise<AuditedSealLog> {
  checkStore(store);
  const bytes = await getBytes(store, CHECKPOINT_PATH);
  if (bytes === undefined) corrupt(CHECKPOINT_PATH, 'the log has no checkpoint');
  const head = await verifyCheckpoint(decode(bytes as Uint8Array), policy);
  const { size } = head;
  const merkle = merkleOf(checkHash(policy.hash, 'policy.hash'));
  const files =
    (await auditEntries(store, size, merkle, options?.onEntry)) + (await auditTiles(store, size, merkle));
  const root = size === 0 ? merkle.emptyRoot() : await new TreeReader(store, size, merkle).hash([0, size]);
  if (!equal(root, head.root))
    corrupt(CHECKPOINT_PATH, 'the tiles do not have the root that the checkpoint signs');
  return { ...head, files };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    fail('ERR_SEAL_CHECKPOINT_MALFORMED', 'checkpoint', '"checkpoint" must be UTF-8', {
      cause,
    });
  }
}

async function auditEntries(
  store: SealStore,
  size: number,
  merkle: Merkle,
  onEntry: AuditOptions['onEntry'],
): Promise<number> {
  let files = 0;
  for (let index = 0; index * TILE_WIDTH < size; index++, files++) {
    const { entries, wrong } = await readEntries(store, index, size, merkle);
    if (wrong !== undefined)
      corrupt(tilePath(0, index, TILE_WIDTH), `entry ${wrong} does not have the hash that is in the tree`);
    for (const [i, entry] of entries.entries()) await onEntry?.(index * TILE_WIDTH + i, entry);
  }
  return files;
}

/** Verifies every full tile against its hash in the tile above. Partial tiles are directly below the root. */
async function auditTiles(store: SealStore, size: number, merkle: Merkle): Promise<number> {
  let files = 0;
  for (let level = 0; level < levelsOf(size); level++) {
    const full = Math.floor(hashesAt(level, size) / TILE_WIDTH);
    let above: readonly Uint8Array[] = [];
    for (let index = 0; index < full; index++) {
      if (index % TILE_WIDTH === 0) above = await readTile(store, level + 1, index / TILE_WIDTH, size);
      const tile = await readTile(store, level, index, size);
      if (!equal(merkle.foldPerfect(tile), above[index % TILE_WIDTH] as Uint8Array)) {
        corrupt(
          tilePath(level, index, TILE_WIDTH),
          `the tile of ${entriesBelow(level + 1)} entries does not have the hash in the tile above it`,
        );
      }
    }
    files += Math.ceil(hashesAt(level, size) / TILE_WIDTH);
  }
  return files;
}

function corrupt(path: string, message: string): never {
  fail('ERR_SEAL_LOG_CORRUPT', path, message);
}
