import { createReadStream, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { generateMandateKeys, signMandate, verifyMandates } from 'ap2-pq';

// An archive with a mandate on each line; the second is damaged.
const { privateKeys, publicKeys } = await generateMandateKeys();
const mandate = await signMandate({ iss: 'https://bank.example', amount: '125.00' }, privateKeys);
const archive = join(mkdtempSync(join(tmpdir(), 'ap2-pq-')), 'mandates.txt');
writeFileSync(archive, [mandate, 'damaged', mandate].join('\n'));

const lines = createInterface({ input: createReadStream(archive) });
let accepted = 0;
for await (const outcome of verifyMandates(lines, publicKeys, { issuer: 'https://bank.example' })) {
  if (outcome.verified) accepted += 1;
  else console.log(`line ${outcome.index + 1}: ${outcome.error.code}`); // line 2: ERR_MANDATE_MALFORMED
}
console.log(`${accepted} accepted`); // 2 accepted
