import * as v from 'valibot';
import type { JsonObject } from '../../encoding/json.js';
import { integer } from './primitives.js';

/** What every receipt says. */
export const common = {
  /** Who verified the mandate, and issues the receipt. */
  iss: v.string(),
  /** When, in seconds since the epoch. */
  iat: integer,
  /** Hash of the closed mandate it is for: one of the `receiptReference` of its chain. */
  reference: v.string(),
};

/** What a receipt says of a failure. */
export const failure = {
  /** Outcome. */
  status: v.literal('Error'),
  /** What went wrong: one of {@link ReceiptErrorCode}, or a code of the issuer's. */
  error: v.string(),
  /** For people. */
  error_description: v.string(),
};

/** What only a receipt of a failure has. */
export const noFailure = {
  error: v.exactOptional(v.never('absent where "status" is "Success"')),
  error_description: v.exactOptional(v.never('absent where "status" is "Success"')),
};

/** What only a receipt of a success has. */
export const successOnly = v.exactOptional(v.never('absent where "status" is "Error"'));

/** The errors that AP2 defines for every mandate (AP2 v0.2, agent_authorization.md "Errors"). */
export type ReceiptErrorCode =
  | 'invalid_credential'
  | 'unresolved_constraint'
  | 'invalid_mandate'
  | 'mandates_not_supported';

/** Members of one form of receipt that AP2's Python SDK writes as null in the other form are not there. */
export function dropNulls(receipt: JsonObject, names: readonly string[]): void {
  for (const name of names) if (receipt[name] === null) delete receipt[name];
}
