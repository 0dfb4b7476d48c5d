import { type VerifyMandateOptions, verifyMandate } from 'ap2-pq';
import { type SuiteBuilder, verdictOf } from './case.js';
import type { ClaimsCall } from './recorded.js';
import { es256, signJws } from './signer.js';

/** SPEC.md §6 step 9: the peer's claims signed by us, with the peer's clock and demands. */
export function addClaims(suite: SuiteBuilder, call: ClaimsCall): void {
  const { test, claims, now, expected, required, leeway, skipped, error } = call;
  const names = namesOf(claims);
  if (names === undefined) {
    suite.skip('claims that are no JSON object');
    return;
  }
  // A disabled check of a claim that is present has no counterpart.
  if (skipped.some((name) => name === 'all' || names.includes(name.replace('verify_', '')))) {
    suite.skip('a check of a claim switched off, or of a claim that the profile does not know');
    return;
  }
  const demands = Object.fromEntries(
    Object.entries(expected).filter(([, value]) => value !== null && value !== undefined),
  );
  const options = {
    ...demands,
    policy: 'pq-optional',
    requiredClaims: required,
    clockTolerance: leeway,
    currentDate: new Date(now * 1000),
  } as VerifyMandateOptions;
  suite.add(test, {
    expected: error === null ? 'accept' : 'reject',
    judge: () =>
      verdictOf(async () => {
        await verifyMandate(`${signJws({ alg: 'ES256' }, claims)}~`, { es256 }, options);
      }),
  });
  return;
}

/** The claim names in a text that Python wrote, which may contain NaN and Infinity. */
function namesOf(claims: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(claims.replaceAll(/\b(NaN|Infinity)\b/g, '0'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.keys(value)
      : undefined;
  } catch {
    return undefined;
  }
}
