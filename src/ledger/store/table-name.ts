import { invalidArgument } from '../../options.js';

/** The option `table`. It is inserted into SQL unchanged, so it must be a plain name. */
export function checkTableName(name: unknown): string {
  if (name === undefined) return 'ap2_pq_ledger';
  if (typeof name === 'string' && /^[a-z_][a-z0-9_]{0,39}$/.test(name)) return name;
  return invalidArgument('table', '1 to 40 characters of a-z, 0-9 and _, not beginning with a digit');
}
