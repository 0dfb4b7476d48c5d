import type { MandatePublicKeys, VerifyMandateOptions } from 'ap2-pq';
import { verifyMandate } from 'ap2-pq';
import type { Attempt } from './case.js';

/** The code with which this implementation refuses an attempt, or `accepted`. */
export async function codeOf({ mandate, keys, options }: Attempt): Promise<string> {
  const present = Object.fromEntries(Object.entries(keys).filter(([, key]) => key !== null));
  const { currentDate } = options;
  const date = currentDate === undefined ? {} : { currentDate: new Date(currentDate as string) };
  try {
    await verifyMandate(
      mandate,
      present as MandatePublicKeys,
      { ...options, ...date } as VerifyMandateOptions,
    );
    return 'accepted';
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}
