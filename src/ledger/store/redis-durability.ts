import { copyMap } from '../../brand.js';
import { LedgerStoreError } from './store.js';

/** The durability that a Redis server must have. */
export type RedisDurability = 'always' | 'everysec' | 'none';

export const DURABILITIES: readonly RedisDurability[] = ['always', 'everysec', 'none'];

type Ask = (...args: string[]) => Promise<unknown>;

/** Rejects a server that could lose or evict confirmed data. */
export async function checkDurability(ask: Ask, demanded: RedisDurability): Promise<void> {
  if (demanded === 'none') return;
  const setting = async (name: string) => {
    try {
      return secondOf(await ask('CONFIG', 'GET', name));
    } catch (cause) {
      // Only an answer shows that the server hides the setting.
      if (cause instanceof LedgerStoreError && cause.failure === 'unavailable') throw cause;
      throw new LedgerStoreError(
        'not-durable',
        `Redis: the server does not return "${name}" (CONFIG GET), so its durability is unknown. ` +
          'If you have checked it, pass durability: "none"',
        { cause },
      );
    }
  };
  const refuse = (name: string, found: string | undefined, wanted: string): never => {
    throw new LedgerStoreError(
      'not-durable',
      `Redis: ${name} is ${found ?? 'unknown'} and must be ${wanted}: otherwise committed uses can be lost and spent again`,
    );
  };
  const [appendonly, fsync, rewriting, eviction] = await Promise.all([
    setting('appendonly'),
    setting('appendfsync'),
    setting('no-appendfsync-on-rewrite'),
    setting('maxmemory-policy'),
  ]);
  if (appendonly !== 'yes') refuse('appendonly', appendonly, 'yes');
  const isEnough = fsync === 'always' || (demanded === 'everysec' && fsync === 'everysec');
  if (!isEnough) refuse('appendfsync', fsync, `always (or everysec, if you pass durability: "everysec")`);
  if (rewriting !== 'no') refuse('no-appendfsync-on-rewrite', rewriting, 'no');
  if (eviction !== 'noeviction') refuse('maxmemory-policy', eviction, 'noeviction');
}

/** CONFIG GET returns a list of name and value or, in RESP3, a map, which clients return as an object or a Map. */
function secondOf(answer: unknown): string | undefined {
  if (Array.isArray(answer)) return answer[1] === undefined ? undefined : String(answer[1]);
  const values = [...(copyMap(answer)?.values() ?? Object.values((answer ?? {}) as object))];
  return values[0] === undefined ? undefined : String(values[0]);
}
