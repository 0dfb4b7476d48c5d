import { isError } from '../../brand.js';
import { encodeBase64url } from '../../encoding/base64url.js';
import { checkNames, checkOptions, invalidArgument, readValue } from '../../options.js';
import { randomBytes } from '../../runtime.js';
import { withTimeLimit } from '../../time-limit.js';
import { messageOf } from './message.js';
import { commandOf, type IoRedisClient, type NodeRedisClient, type RedisCommand } from './redis-client.js';
import { checkDurability, DURABILITIES, type RedisDurability } from './redis-durability.js';
import { OPEN_SCRIPT, READ_SCRIPT, WRITE_SCRIPT } from './redis-scripts.js';
import {
  checkLedger,
  emptied,
  type LedgerMarks,
  type LedgerRead,
  type LedgerStep,
  type LedgerStore,
  LedgerStoreError,
  type LedgerView,
  newLedgerId,
  SCHEMA_VERSION,
  type TransactionOptions,
  WITNESS,
} from './store.js';

/** Options of {@link createRedisStore}, all optional. */
export interface RedisStoreOptions {
  /** The prefix of the keys. The braces keep them in one slot of a cluster. Default `{ap2-pq-ledger}:`. */
  prefix?: string | undefined;
  /**
   * The durability that the server must have; its configuration is checked. `always` (default): AOF with appendfsync always.
   * `everysec`: AOF may be synced every second; if the machine fails, up to two seconds of commits can be lost and spent again.
   * `none`: no check; for tests, and for servers that do not answer CONFIG and that you have checked yourself.
   */
  durability?: RedisDurability | undefined;
}

/**
 * Stores a ledger in Redis 5 or newer, with a client of `redis` or `ioredis`. A transaction reads, decides in this process, and
 * writes with one script. The script does nothing if a group has changed in between; the transaction then starts again.
 *
 * Redis confirms a change before a replica has it. After a failover, changes can be missing, whatever the AOF setting. If that
 * is not acceptable, use a single server with a durable disk, or one of the SQL stores.
 *
 * Set `appendonly yes` in the configuration file. If it is switched on while the server runs, the server says so at once, but
 * keeps nothing until its first rewrite has ended (INFO: `aof_rewrite_in_progress`). Make no payment before that.
 *
 * @example
 * ```ts
 * import { createClient } from 'redis';
 *
 * const ledger = await createLedger(createRedisStore(await createClient({ url }).connect()));
 * ```
 *
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID` if the client is of another library, or an option is wrong.
 */
export function createRedisStore(
  client: NodeRedisClient | IoRedisClient,
  options?: RedisStoreOptions,
): LedgerStore {
  const given = checkOptions(options, 'options');
  checkNames(given, ['prefix', 'durability']);
  const { prefix = '{ap2-pq-ledger}:', durability = 'always' } = given;
  if (typeof prefix !== 'string' || !/^[\w{}:.-]{1,64}$/.test(prefix)) {
    invalidArgument('prefix', '1 to 64 characters of A-Z, a-z, 0-9 and _{}:.-');
  }
  if (!DURABILITIES.includes(durability)) invalidArgument('durability', `one of ${DURABILITIES.join(', ')}`);
  return new RedisStore(
    readValue('client', () => commandOf(client)),
    prefix,
    durability,
  );
}

class RedisStore implements LedgerStore {
  readonly name = 'Redis';
  readonly parallel = 4;
  readonly maxGroups = 512;
  readonly #send: RedisCommand;
  readonly #prefix: string;
  readonly #durability: RedisDurability;
  /** SHA-1 of the scripts, as the server computed them. */
  readonly #hashes = new Map<string, string>();
  /** The id of the ledger, once it is opened. */
  #id: string | undefined;

  constructor(send: RedisCommand, prefix: string, durability: RedisDurability) {
    this.#send = send;
    this.#prefix = prefix;
    this.#durability = durability;
  }

  async open(timeLimit: number): Promise<void> {
    const deadline = performance.now() + timeLimit;
    const command = (...args: string[]) => this.#ask(args, deadline);
    await checkDurability(command, this.#durability);
    for (const script of [READ_SCRIPT, WRITE_SCRIPT]) {
      this.#hashes.set(script, String(await command('SCRIPT', 'LOAD', script)));
    }
    const isKnown = this.#id === undefined ? '0' : '1';
    const args = ['2', ...this.#markKeys(), String(SCHEMA_VERSION), newLedgerId(), isKnown];
    this.#id = checkLedger(marksOf(await command('EVAL', OPEN_SCRIPT, ...args)), this.#id, this.name);
  }

  async transact(
    reads: readonly LedgerRead[],
    step: LedgerStep,
    { timeLimit, fence }: TransactionOptions,
  ): Promise<void> {
    const deadline = performance.now() + timeLimit;
    const id = this.#id;
    if (id === undefined) throw new LedgerStoreError('failed', 'Redis: the store was not opened');
    const keys = [...this.#markKeys(), ...reads.map(({ group }) => this.#key(group))];
    for (let attempt = 0; ; attempt++) {
      const { view, versions, now } = await this.#read(keys, reads, deadline);
      const changes = step(view, now);
      if (changes.length === 0 && !fence) return;
      // Asked each time, since CONFIG SET can change it while the server runs.
      await checkDurability((...words) => this.#ask(words, deadline), this.#durability);
      const numbers = new Map(reads.map(({ group }, index) => [group, index + 1]));
      const args = [String(SCHEMA_VERSION), id, newVersion(), fence ? '1' : '0', ...versions];
      for (const { group, field, value } of changes) {
        args.push(String(numbers.get(group)), field, value === undefined ? '-' : `=${value}`);
      }
      if (await this.#write(keys, args, deadline)) return;
      if (performance.now() >= deadline) {
        throw new LedgerStoreError('unavailable', 'Redis: other transactions kept changing the same groups');
      }
      // A random and growing pause, so that the same transactions do not collide again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(2 ** attempt, 50)));
    }
  }

  async scan(cursor: string | undefined, limit: number, timeLimit: number) {
    const pattern = `${this.#prefix.replace(/[{}]/g, (brace) => `\\${brace}`)}g.*`;
    const args = ['SCAN', cursor ?? '0', 'MATCH', pattern, 'COUNT', String(limit)];
    const [next, keys] = (await this.#ask(args, performance.now() + timeLimit)) as [unknown, unknown[]];
    const groups = keys.map((key) => String(key).slice(this.#prefix.length + 2));
    return { groups, cursor: String(next) === '0' ? undefined : String(next) };
  }

  /** `meta`, or the name of a group after `g.`. */
  #key(name: string): string {
    return `${this.#prefix}${name === 'meta' ? name : `g.${name}`}`;
  }

  #markKeys(): string[] {
    return [this.#key('meta'), this.#key(WITNESS.group)];
  }

  async #read(keys: readonly string[], reads: readonly LedgerRead[], deadline: number) {
    const args = reads.flatMap(({ fields }) =>
      fields === 'all' ? ['0'] : [String(fields.length), ...fields],
    );
    const answer = (await this.#run(READ_SCRIPT, keys, args, deadline)) as unknown[];
    checkLedger(marksOf(answer), this.#id, this.name);
    const [now, ...groups] = answer.slice(3);
    const view = new Map<string, Map<string, string>>();
    const versions: string[] = [];
    for (const [index, { group }] of reads.entries()) {
      versions.push(String(groups[2 * index]));
      view.set(group, pairs(groups[2 * index + 1] as unknown[]));
    }
    return { view: view as LedgerView, versions, now: Number(now) };
  }

  /** Whether the changes were made. They are not made if a group was changed after it was read. */
  async #write(keys: readonly string[], args: readonly string[], deadline: number): Promise<boolean> {
    let answer: unknown;
    try {
      answer = await this.#run(WRITE_SCRIPT, keys, args, deadline);
    } catch (error) {
      // If there is no answer, the script may have run, or may still run.
      if (!(error instanceof LedgerStoreError) || error.failure !== 'unavailable') throw error;
      throw isAnswer(error.cause)
        ? error
        : new LedgerStoreError('unknown', error.message, { cause: error.cause });
    }
    switch (String(answer)) {
      case 'OK':
        return true;
      case 'CONFLICT':
        return false;
      case 'EMPTIED':
        throw emptied(this.name);
      default:
        throw new LedgerStoreError('too-new', 'Redis: the schema of the ledger has changed');
    }
  }

  async #run(
    script: string,
    keys: readonly string[],
    args: readonly string[],
    deadline: number,
  ): Promise<unknown> {
    const hash = String(this.#hashes.get(script));
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.#ask(['EVALSHA', hash, ...rest], deadline);
    } catch (error) {
      // A restarted server has no scripts.
      if (!(error instanceof LedgerStoreError) || !/^NOSCRIPT/.test(messageOf(error.cause))) throw error;
      return this.#ask(['EVAL', script, ...rest], deadline);
    }
  }

  async #ask(args: readonly string[], deadline: number): Promise<unknown> {
    return withTimeLimit(
      Math.max(1, deadline - performance.now()),
      () => this.#send(args),
      (cause) => {
        const failure = isAnswer(cause) && !isPassing(cause) ? 'failed' : 'unavailable';
        return new LedgerStoreError(failure, `Redis: ${messageOf(cause)}`, { cause });
      },
    );
  }
}

/** The first three texts of an answer; an empty one says that something is missing. */
function marksOf(answer: unknown): LedgerMarks {
  const [version, id, witness] = (answer as unknown[])
    .slice(0, 3)
    .map((text) => (text === '' ? undefined : String(text)));
  return { version, id, witness };
}

/** The fields and values of a hash, without `#`, which is its version. */
function pairs(flat: readonly unknown[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (let index = 0; index < flat.length; index += 2)
    fields.set(String(flat[index]), String(flat[index + 1]));
  fields.delete('#');
  return fields;
}

/** Never repeats, so that a group that was removed and created again is distinguishable. */
const newVersion = (): string => encodeBase64url(randomBytes(12));

/** Whether the server answered with an error: `ReplyError` in ioredis, `ErrorReply` and its subclasses in node-redis. */
function isAnswer(error: unknown): boolean {
  return isError(error) && /^[A-Z]{2,}(?= )/.test(error.message);
}

/** Temporary errors: the server is loading, busy with a script, or no longer the primary. */
const isPassing = (error: unknown): boolean =>
  /^(NOSCRIPT|LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY) /.test(messageOf(error));
