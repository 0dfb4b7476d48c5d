import { verifyMandate } from 'ap2-pq';
import {
  verifyCheckoutJwt,
  verifyDirectMandate,
  verifyMandateChain,
  verifyOpenMandateChain,
  verifyReceipt,
} from 'ap2-pq/ap2';
import { attemptWith } from '../attempt.js';
import type { Attempt } from './case.js';

/** Runs the function that an attempt names. */
export const verifyAttempt = attemptWith({
  verifyMandate,
  verifyMandateChain,
  verifyOpenMandateChain,
  verifyDirectMandate,
  verifyReceipt,
  verifyCheckoutJwt,
});

/** The code with which this implementation rejects an attempt, or `accepted`. */
export async function codeOf(attempt: Attempt): Promise<string> {
  try {
    await verifyAttempt(attempt);
    return 'accepted';
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}
