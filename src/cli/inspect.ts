import { decodeMandateChain } from '../ap2/chain/decode.js';
import { decodeMandate, type UnverifiedMandate } from '../mandate/decode.js';
import { mandateIdOf } from '../mandate/id.js';
import type { Command } from './command.js';
import { type Expected, readToken } from './files.js';
import { type Style, shown, shownJson, table } from './terminal.js';

const TOKENS: Expected = {
  what: 'a mandate or a chain',
  found: ['mandate', 'chain', 'jws', 'other'],
  remedy: 'Give the file of the mandate or chain.',
};

export const inspect: Command = {
  input: 'received',
  operands: '[FILE|-]',
  options: {},
  async run(io, given) {
    const token = await readToken(io, given.file('the file of the mandate or chain'), 'mandate', TOKENS);
    const isChain = token.includes('~~');
    const tokens = isChain ? decodeMandateChain(token) : [decodeMandate(token)];
    return {
      ok: true,
      result: {
        verified: false,
        kind: isChain ? 'chain' : 'mandate',
        mandateId: isChain ? null : idOf(token),
        tokens: tokens.map(({ protectedHeader, payload, disclosures, keyBindingJwt, lengths }) => ({
          protectedHeader,
          payload,
          disclosures: disclosures.map(({ name, value, digest }) => ({ name: name ?? null, value, digest })),
          hasKeyBinding: keyBindingJwt !== undefined,
          lengths,
        })),
      },
      people: (style) => [
        style.warn('NOT verified: anyone may have written this'),
        ...tokens.flatMap((each, index) => [
          ...(isChain ? [style.strong(index === 0 ? 'token 0, the root' : `token ${index}`)] : []),
          ...tokenLines(each, style),
        ]),
      ],
    };
  },
};

/** A token that breaks a rule of the profile can still be inspected. */
function idOf(token: string): string | null {
  try {
    return mandateIdOf(token) ?? null;
  } catch {
    return null;
  }
}

function tokenLines(token: UnverifiedMandate, style: Style): string[] {
  const { protectedHeader, payload, disclosures, keyBindingJwt, lengths } = token;
  const { pq_sig: pqSig, pq_alg: pqAlg, ...header } = protectedHeader;
  const signed =
    typeof pqSig === 'string' ? `${String(pqAlg)}, ${lengths.pqSig} characters` : 'none: classical';
  return table([
    ['  length', `${lengths.mandate} characters`],
    ['  post-quantum signature', shown(signed)],
    ['  header', shownJson(header)],
    ['  payload', shownJson(payload)],
    ...disclosures.map(
      ({ name, value }) =>
        [
          '  disclosed',
          `${name === undefined ? style.faint('element') : shown(name)}: ${shownJson(value)}`,
        ] as const,
    ),
    ['  key binding', keyBindingJwt === undefined ? undefined : 'a key binding JWT'],
  ]);
}
