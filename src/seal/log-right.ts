import { randomBytes } from '../runtime.js';
import { type Claim, checkClaim, refuseWriter, writeClaim } from './claim.js';
import { signatureLine } from './note.js';
import { RANGE_UNIT } from './range.js';
import { callStore, getBytes, isSame, type SealLock, type SealStore, swap } from './store.js';
import { CHECKPOINT_PATH, NEXT_CHECKPOINT_PATH } from './tiles.js';
import type { TreeHead } from './tree-head.js';
import type { WriteRight } from './tree-writer.js';

const utf8 = new TextEncoder();

/** The last checkpoint that was committed. */
export interface Committed {
  readonly head: TreeHead;
  readonly note: string;
}

/** What was found on opening. */
export interface Found {
  /** `undefined` if nothing was committed. */
  readonly committed: Committed | undefined;
  /** The bytes under `checkpoint` and `checkpoint.next`, damaged or not. */
  readonly current: Uint8Array | undefined;
  readonly next: Uint8Array | undefined;
}

/** The right of a log to write: it has the lock, nobody has claimed the right since, and the checkpoint is the one that it knows. */
export class LogRight implements WriteRight {
  readonly #store: SealStore;
  readonly #lock: SealLock | undefined;
  #claim: Claim;
  #hasClaimed = false;
  #size: number;
  #checkpoint: Uint8Array | undefined;
  #next: Uint8Array | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  /** The last checkpoint; empty before the first. */
  readonly #note: string;

  constructor(store: SealStore, lock: SealLock | undefined, claim: Claim, found: Found) {
    this.#store = store;
    this.#lock = lock;
    this.#claim = claim;
    this.#size = found.committed?.head.size ?? 0;
    this.#checkpoint = found.current;
    this.#next = found.next;
    this.#note = found.committed?.note ?? '';
  }

  /**
   * Finishes a commit that was interrupted between its files. What is confirmed from here on then depends on no single file, and
   * is covered by the claim.
   */
  async finish(committed: Committed | undefined): Promise<void> {
    const bytes = committed === undefined ? this.#checkpoint : utf8.encode(committed.note);
    const isWritten = isSame(this.#checkpoint, bytes);
    const isClaimed = committed === undefined || this.#claim.size === committed.head.size;
    const { reserved } = this.#claim;
    if (isWritten && isClaimed && reserved === undefined) return;
    await this.check();
    if (!isWritten && bytes !== undefined) {
      if (!(await swap(this.#store, CHECKPOINT_PATH, bytes, this.#checkpoint))) refuseWriter(CHECKPOINT_PATH);
      await this.flush();
      this.#checkpoint = bytes;
    }
    await this.#writeClaim();
    // The writer that has reserved may only be paused, and others may replace its tiles from here on: it must not commit them.
    if (reserved !== undefined) await this.#fence();
  }

  /**
   * Claims the right before the first write, and reserves every range of which tiles are about to be written: until they are
   * committed, nobody else may put the tiles of other records in their place.
   */
  async claim(end = this.#size): Promise<void> {
    const covered = Math.max(this.#size, this.#claim.reserved ?? 0);
    const isCovered = Math.floor((end - 1) / RANGE_UNIT) * RANGE_UNIT < covered;
    if (this.#hasClaimed && isCovered) return;
    await this.#alone(async () => {
      await this.#check();
      await this.#writeClaim(isCovered ? this.#claim.reserved : end);
      if (this.#hasClaimed) return;
      await this.#fence();
      this.#hasClaimed = true;
    });
  }

  /** Ends the reservation of ranges that were not appended: nothing of this log lies after `end` entries. */
  giveBack(end: number): Promise<void> {
    return this.#alone(async () => {
      await this.#check();
      await this.#writeClaim(end > this.#size ? end : undefined);
    });
  }

  async #writeClaim(reserved?: number): Promise<void> {
    this.#claim = await writeClaim(this.#store, this.#size, this.#claim, reserved);
    // The claim is durable before a tile: bytes that this writer leaves behind may then be replaced.
    await this.flush();
  }

  /**
   * An earlier writer may have checked its claim already, and be about to write the next checkpoint over tiles that this one is
   * about to replace. A store that compares then finds other bytes: the same note with a signature line that everybody ignores.
   */
  async #fence(): Promise<void> {
    if (this.#store.replace === undefined) return;
    const line = signatureLine({ name: 'writer', keyId: randomBytes(4), signature: randomBytes(16) });
    const bytes = utf8.encode(this.#note + line);
    if (!(await swap(this.#store, NEXT_CHECKPOINT_PATH, bytes, this.#next)))
      refuseWriter(NEXT_CHECKPOINT_PATH);
    this.#next = bytes;
    await this.flush();
  }

  /**
   * If another writer has written, this log has not seen its entries and must not hide them. If none has, no checkpoint covers
   * what this log writes: it writes only after its last one, and no claim is of a larger one.
   */
  check(): Promise<void> {
    return this.#alone(() => this.#check());
  }

  /** One after the other: a check reads the claim, and must not read it while this log replaces it for a new range. */
  #alone<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(call);
    this.#queue = result.catch(() => {});
    return result;
  }

  async #check(): Promise<void> {
    await this.#lock?.check();
    // The next checkpoint counts as soon as it is written.
    for (const [path, known] of [
      [CHECKPOINT_PATH, this.#checkpoint],
      [NEXT_CHECKPOINT_PATH, this.#next],
    ] as const) {
      if (!isSame(await getBytes(this.#store, path), known)) refuseWriter(path);
    }
    this.#claim = await checkClaim(this.#store, this.#claim);
  }

  async replaceCheckpoint(bytes: Uint8Array, size: number): Promise<void> {
    await this.claim();
    await this.check();
    // From here on the checkpoint counts: of two writers, one fails.
    if (!(await swap(this.#store, NEXT_CHECKPOINT_PATH, bytes, this.#next)))
      refuseWriter(NEXT_CHECKPOINT_PATH);
    await this.flush();
    if (!(await swap(this.#store, CHECKPOINT_PATH, bytes, this.#checkpoint))) refuseWriter(CHECKPOINT_PATH);
    await this.flush();
    this.#next = bytes;
    this.#checkpoint = bytes;
    this.#size = size;
    await this.#writeClaim();
  }

  async flush(): Promise<void> {
    await callStore('flush', async () => this.#store.flush?.());
  }
}
