import { type VerifiedMandate, verifyMandate } from '../mandate/verify.js';
import type { Given } from './arguments.js';
import type { Command } from './command.js';
import { usage } from './errors.js';
import { type Expected, readToken } from './files.js';
import { readPublicKeys } from './keys.js';
import { withHintOnAlgorithm } from './other-algorithms.js';
import { shownJson, table } from './terminal.js';
import {
  nameLines,
  signatureLines,
  uncheckedDemands,
  uncheckedText,
  verdictHeadline,
} from './verdict-lines.js';
import { LINE_OPTIONS, verifyLines } from './verify-lines.js';
import { MANDATE_OPTIONS, readMandateOptions } from './verify-options.js';

const MANDATE: Expected = {
  what: 'a mandate',
  found: ['mandate', 'jws', 'other'],
  remedy: 'Give the file of the mandate.',
  code: 'ERR_MANDATE_MALFORMED',
};

export const verify: Command = {
  operands: '[FILE|-]',
  options: {
    ...MANDATE_OPTIONS,
    lines: { kind: 'flag', help: 'read an archive: one mandate, or one JSON object, on each line' },
    ...LINE_OPTIONS,
  },
  async run(io, given, called) {
    const path = given.file('the file of the mandate');
    const keys = await readPublicKeys(io, given);
    const options = await readMandateOptions(io, given);
    if (given.has('lines')) return verifyLines(io, given, path, keys, options, called);
    for (const name of Object.keys(LINE_OPTIONS))
      if (given.has(name)) usage(`--${name}`, `--${name} is for --lines`);
    const token = await readToken(io, path, 'mandate', MANDATE);
    const verified = await withHintOnAlgorithm(token, verifyMandate(token, keys, options));
    const unchecked = uncheckedOf(given, verified);
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
        unchecked,
        disclosed: verified.disclosures.map(({ name }) => name ?? null),
      },
      people: (style) => [
        verdictHeadline(quantumSafe, style),
        ...table([
          ['  policy', policy],
          ['  not checked', uncheckedText(unchecked)],
          ...signatureLines(verified, '  '),
          ...nameLines(verified, '  '),
          ['  claims', shownJson(payload)],
        ]),
      ],
    };
  },
};

/** For a single mandate, unlike an archive, it is known whether the mandate expires. */
function uncheckedOf(given: Given, { payload }: VerifiedMandate): string[] {
  const hasEnd = payload.exp !== undefined || payload.valid_until !== undefined;
  return [...uncheckedDemands(given), ...(hasEnd || given.has('max-token-age') ? [] : ['expiry'])];
}
