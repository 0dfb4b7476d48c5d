// Compares our evaluation of AP2's constraints with that of AP2's own Python SDK, case by case.
// Usage: AP2_PYTHON=<python with the SDK's requirements> AP2_SDK=<code/sdk/python> node interop/ap2/constraints.mjs

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { evaluateCheckoutConstraints } from '../../dist/ap2/constraints/evaluate-checkout.js';
import { evaluatePaymentConstraints } from '../../dist/ap2/constraints/evaluate-payment.js';
import { agreed, laxer, stricter } from './constraint-cases.mjs';

const CASES = 5000;

/** Whether we accept. A refusal to read is a refusal. */
function accepts(item) {
  try {
    return evaluate(item).length === 0;
  } catch (error) {
    if (!String(error.code).startsWith('ERR_MANDATE_')) throw error;
    return false;
  }
}

function evaluate({ kind, open, closed, checkout, openCheckoutHashes, history, currentDate }) {
  if (kind === 'checkout') {
    const payload = Buffer.from(JSON.stringify(checkout)).toString('base64url');
    const checkout_jwt = `e30.${payload}.e30`;
    const checkout_hash = createHash('sha256').update(checkout_jwt).digest('base64url');
    return evaluateCheckoutConstraints(open, { vct: 'mandate.checkout.1', checkout_jwt, checkout_hash });
  }
  return evaluatePaymentConstraints(open, closed, {
    currentDate: new Date(currentDate),
    ...(openCheckoutHashes && { openCheckoutHashes }),
    ...(history && { history: history.map((use) => ({ ...use, usedAt: new Date(use.usedAt) })) }),
  });
}

function sdkVerdicts(cases) {
  const script = fileURLToPath(new URL('constraints.py', import.meta.url));
  const { AP2_PYTHON: python = 'python3', AP2_SDK: sdk = '', ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(python, [script], {
    input: JSON.stringify(cases),
    env: { ...env, PYTHONPATH: sdk },
    maxBuffer: 2 ** 28,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the SDK did not answer: ${stderr}`);
  return new Map(JSON.parse(stdout).map(({ id, violations }) => [id, violations?.length === 0]));
}

const same = agreed(CASES);
const verdicts = sdkVerdicts([...same, ...stricter, ...laxer]);
const failures = [];
const expectBoth = (cases, ours, theirs) => {
  for (const item of cases) {
    if (
      accepts(item) === (ours ?? verdicts.get(item.id)) &&
      verdicts.get(item.id) === (theirs ?? accepts(item))
    )
      continue;
    failures.push({ ...item, ours: accepts(item), theirs: verdicts.get(item.id) });
  }
};
expectBoth(same);
expectBoth(stricter, false, true);
expectBoth(laxer, true, false);

for (const failure of failures.slice(0, 5)) console.error(JSON.stringify(failure, undefined, 1));
const accepted = (kind) => same.filter((item) => item.kind === kind && accepts(item)).length;
console.log(
  `constraints: ${same.length} random cases compared with AP2's SDK; ` +
    `accepted: ${accepted('payment')} of ${CASES} payments, ${accepted('checkout')} of ${CASES} checkouts`,
);
console.log(`on purpose: ${stricter.length} that only the SDK accepts, ${laxer.length} that only we accept`);
console.log(failures.length === 0 ? 'all as expected' : `${failures.length} NOT as expected`);
process.exitCode = failures.length === 0 ? 0 : 1;
