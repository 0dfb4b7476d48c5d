import { verifyMandate } from '../mandate/verify.js';
import type { Command } from './command.js';
import { usage } from './errors.js';
import { readToken } from './files.js';
import { readPublicKeys } from './keys.js';
import { shownJson, table } from './terminal.js';
import { signatureLines, verdictHeadline } from './verdict-lines.js';
import { LINE_OPTIONS, verifyLines } from './verify-lines.js';
import { MANDATE_OPTIONS, readMandateOptions } from './verify-options.js';

export const verify: Command = {
  operands: '[FILE|-]',
  options: {
    ...MANDATE_OPTIONS,
    lines: { kind: 'flag', help: 'read an archive: one mandate, or one JSON object, on each line' },
    ...LINE_OPTIONS,
  },
  async run(io, given) {
    const path = given.file('the file of the mandate');
    const keys = await readPublicKeys(io, given);
    const options = await readMandateOptions(io, given);
    if (given.has('lines')) return verifyLines(io, given, path, keys, options);
    for (const name of Object.keys(LINE_OPTIONS))
      if (given.has(name)) usage(`--${name}`, `--${name} is for --lines`);
    const verified = await verifyMandate(await readToken(io, path, 'FILE'), keys, options);
    const { policy, quantumSafe, signatures, mandateId, identity, keyBinding, payload } = verified;
    return {
      ok: true,
      result: {
        policy,
        quantumSafe,
        signatures,
        keys: verified.keys,
        mandateId: mandateId ?? null,
        identity,
        keyBinding: keyBinding ?? null,
        protectedHeader: verified.protectedHeader,
        payload,
        disclosed: verified.disclosures.map(({ name }) => name ?? null),
      },
      people: (style) => [
        verdictHeadline(quantumSafe, style),
        ...table([
          ['  policy', policy],
          ...signatureLines(verified, '  '),
          ['  mandateId', mandateId],
          ['  claims', shownJson(payload)],
        ]),
      ],
    };
  },
};
