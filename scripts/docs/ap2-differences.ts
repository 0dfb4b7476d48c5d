// docs/ap2-differences.md: where ap2-pq decides differently from AP2's Python SDK, case by case, with reasons.
import type { Difference } from '../interop-ap2/constraint-cases.js';
import { laxer, stricter } from '../interop-ap2/constraint-purpose.js';
import { COMMIT } from '../interop-ap2/repository.js';

const rows = (differences: readonly Difference[]): string => {
  const reasons = [...new Set(differences.map(({ reason }) => reason))];
  return reasons
    .map((reason) => {
      const ids = differences.filter((each) => each.reason === reason).map(({ id }) => id);
      return `| ${reason} | ${ids.join('; ')} |`;
    })
    .join('\n');
};

/** The page. `npm run interop:ap2` runs every case against the SDK, and fails if one does not differ as stated. */
export const differencesPage = (): string => `# Where ap2-pq and AP2's SDK differ

Constraints, as AP2's Python SDK evaluates them at commit \`${COMMIT.slice(0, 7)}\`. In a clone, with \`AP2_REPOSITORY\` set, \`npm run interop:ap2\`
runs each of these cases on both sides, and 10 000 random ones on which the two agree. Rules are those of [SPEC.md](../SPEC.md).

In a clone, \`npm run docs\` generates this page.

## ap2-pq is stricter

| why | cases |
| --- | --- |
${rows(stricter)}

## ap2-pq is laxer

| why | cases |
| --- | --- |
${rows(laxer)}
`;
