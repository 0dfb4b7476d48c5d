// Messages of the library name its options and functions. Whoever reads them here knows the options of the command line.
import type { Called } from './command.js';

/** The option for a name of the library, where the name in lower case with hyphens is not the option. */
const OPTIONS: Readonly<Record<string, string>> = {
  currentDate: 'at',
  disclosureFrame: 'disclosure-frame',
  isRevoked: 'revocation-list',
  keyBinding: 'key-binding-audience',
  'keyBinding.audience': 'key-binding-audience',
  'keyBinding.maxTokenAge': 'key-binding-max-token-age',
  'keyBinding.nonce': 'key-binding-nonce',
  limits: 'limit',
  'policy.currentDate': 'at',
  'policy.keys': 'verifier-keys',
  resolveThumbprint: 'holder-keys',
  timeStampRoots: 'time-stamp-root',
};

/** The option of this command for a name of the library, such as `minRetentionYears` or `policy.quorum`. */
export function optionOf(name: string | null, { command, given }: Called): string | undefined {
  const options = command?.options ?? {};
  if (name === null) return undefined;
  if (/^disclosureFrame(?:\.|$)/.test(name))
    return ['disclose', 'disclosure-frame'].find((each) => given?.has(each));
  const option =
    OPTIONS[name.replace(/^limits\..+/, 'limits')] ??
    name.replace(/^.*\./, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return Object.hasOwn(options, option) ? option : undefined;
}

/** Names that are only options, and not claims or members: two words, or a path. */
const OPTION_NAME =
  /"((?:(?:context|policy|keyBinding|limits)\.[a-zA-Z]+|disclosureFrame[.\w]*|[a-z]+(?:[A-Z][a-z]+)+))"/g;

/** The phrases of the library that do not name an option in quotation marks alone, with the option that each needs. */
const PHRASES: readonly (readonly [phrase: RegExp, option: string | undefined, words: string])[] = [
  [/ \(use verifyPqSignature\)/, undefined, ''],
  [/use verifyMandateChain or verifyDirectMandate of "ap2-pq\/ap2"/, undefined, 'use ap2-pq chain verify'],
  [/use verifyDirectMandate\b/, undefined, 'use ap2-pq chain verify --direct'],
  [/use verifyMandateChain\b/, undefined, 'use ap2-pq chain verify'],
  [
    /use the option "keyBinding"/,
    'key-binding-audience',
    'use --key-binding-audience and --key-binding-nonce',
  ],
  [/the option "kid"/, 'kid', '--kid'],
  [/in the option if given/, 'kid', 'in --kid if given'],
  [/the option "typ"/, 'typ', '--typ'],
  [/set "kind"/, 'kind', 'set --kind'],
  [/unless "allowClassical" is true/, 'allow-classical', 'unless --allow-classical is given'],
  [/no trusted log \("logs"\)/, 'logs', 'no trusted log (--logs)'],
  [/"policy" must be/, 'policy', '--policy must be'],
];

/** What an error is about: an option, if its parameter is one. */
export function whereInOptions(parameter: string, called: Called): string {
  const quoted = `"${parameter}"`;
  const told = inOptions(quoted, called);
  return told === quoted ? parameter : told;
}

/** The text of an error or a report, with the options of the command in place of the names of the library. */
export function inOptions(text: string, called: Called): string {
  const options = called.command?.options ?? {};
  let told = text;
  for (const [phrase, option, words] of PHRASES)
    if (option === undefined || Object.hasOwn(options, option)) told = told.replace(phrase, words);
  // For a log, `--at` is the current time.
  if (Object.hasOwn(options, 'verifier-keys') && called.given?.has('at') === true)
    told = told.replace('after the current time', 'after --at');
  return told.replace(OPTION_NAME, (quoted, name: string) => {
    const option = optionOf(name, called);
    if (option === undefined) return quoted;
    const [, inFrame] = /^disclosureFrame\.(.+)$/.exec(name) ?? [];
    if (option === 'limit') return `--limit ${name.replace(/^limits\./, '')}`;
    return option === 'disclosure-frame' && inFrame !== undefined
      ? `--disclosure-frame (${inFrame})`
      : `--${option}`;
  });
}

/** The message of an error. For an argument, its parameter is an option even if it is one word. */
export function messageInOptions(
  { code, message, parameter }: { code: string; message: string; parameter: string | null },
  called: Called,
): string {
  const isKeyBinding = parameter?.startsWith('keyBinding.') === true;
  const told = inOptions(
    isKeyBinding ? message.replace('"maxTokenAge"', '"keyBinding.maxTokenAge"') : message,
    called,
  );
  // The verifier of mandates also verifies the signature over an evidence file.
  if (code === 'ERR_EVIDENCE_SIGNATURE') return told.replaceAll('the mandate', 'the evidence file');
  const option = code === 'ERR_MANDATE_ARGUMENT_INVALID' ? optionOf(parameter, called) : undefined;
  return option === undefined ? told : told.replace(`"${parameter}"`, `--${option}`);
}
