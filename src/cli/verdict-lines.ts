import type { KeyReport, SignatureVerdict } from '../jws/verdict.js';
import type { Given } from './arguments.js';
import { type Style, shown } from './terminal.js';

/** The first line of a verdict for people. */
export const verdictHeadline = (quantumSafe: boolean, style: Style): string =>
  `${style.good(style.strong('valid'))}  ${quantumSafe ? style.good('quantum-safe') : style.warn('NOT quantum-safe')}`;

const keyText = (report: KeyReport | undefined): string =>
  report === undefined
    ? ''
    : `  kid ${report.kid === undefined ? 'none' : shown(report.kid)}, thumbprint ${report.thumbprint ?? 'unknown'}`;

/** With a key document of one issuer, only `iss` says who signed. */
export const uncheckedIdentity = (given: Given): string[] =>
  given.has('issuer') || given.has('issuers') || given.one('keys')?.startsWith('did:web:') === true
    ? []
    : ['issuer'];

/** What was not demanded of a single mandate, or what its verification cannot show. */
export const uncheckedDemands = (given: Given): string[] => [
  ...(given.has('revocation-list') ? [] : ['revocation']),
  ...uncheckedIdentity(given),
  ...(given.has('audience') || given.has('key-binding-audience') ? [] : ['audience']),
  ...(given.has('key-binding-audience') ? [] : ['key-binding']),
  'history',
  'constraints',
];

/** What the caller did not demand, or has to check. */
export const uncheckedText = (unchecked: readonly string[]): string | undefined =>
  unchecked.length === 0 ? undefined : unchecked.join(', ');

/** What `--revocation-list` and `--history` name a token by. */
export const nameLines = (
  { mandateId, identity }: { mandateId: string | undefined; identity: string },
  indent: string,
): [string, string | undefined][] => [
  [`${indent}mandateId`, mandateId],
  [`${indent}identity`, identity],
];

/** A line for each signature, with the key that it was verified with. */
export function signatureLines(
  { signatures, keys }: Pick<SignatureVerdict, 'signatures' | 'keys'>,
  indent: string,
): [string, string][] {
  const { es256, mldsa65, hybridEs256 } = signatures;
  return [
    [`${indent}ES256`, `${es256}${keyText(keys.es256)}`],
    [`${indent}ML-DSA-65`, `${mldsa65}${keyText(keys.mldsa65)}`],
    ...(hybridEs256 === 'absent' ? [] : [[`${indent}hybrid ES256`, hybridEs256] as [string, string]]),
  ];
}
