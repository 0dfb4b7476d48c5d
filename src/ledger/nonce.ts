import { encodeBase64url } from '../encoding/base64url.js';
import { LedgerError } from '../errors.js';
import { randomBytes } from '../runtime.js';
import { bindingHash, ISSUED, nonceGroup } from './groups.js';
import type { Operation } from './queue.js';
import type { StoredNonce } from './records.js';

/** A nonce issued by the ledger. */
export interface IssuedNonce {
  readonly nonce: string;
  readonly expiresAt: Date;
}

/** 128 random bits in base64url. */
export const randomNonce = (): string => encodeBase64url(randomBytes(16));

/** Stores a nonce for one checkout until it expires. */
export function issueOperation(
  scope: string,
  nonce: string,
  binding: string,
  lifetime: number,
): Operation<IssuedNonce> {
  const group = nonceGroup(scope, nonce);
  return {
    reads: [{ group, fields: [ISSUED] }],
    fence: false,
    reservation: undefined,
    run: (draft, now) => {
      const hashed = bindingHash(binding);
      const known = draft.get<StoredNonce>(group, ISSUED);
      if (known === undefined) {
        const issued: StoredNonce = { binding: hashed, end: now + lifetime };
        draft.set(group, ISSUED, issued);
        return { nonce, expiresAt: new Date(issued.end) };
      }
      // The same call, repeated after its answer was lost.
      if (known.binding === hashed) return { nonce, expiresAt: new Date(known.end) };
      return new LedgerError(
        'ERR_LEDGER_NONCE_INVALID',
        'nonce',
        'this nonce was issued for another checkout',
      );
    },
  };
}
