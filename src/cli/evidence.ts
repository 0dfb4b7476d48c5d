import { decodeBase64url } from '../encoding/base64url.js';
import { isJsonObject } from '../encoding/json.js';
import {
  createEvidence,
  type EvidenceError,
  type EvidenceReport,
  type EvidenceTrust,
  redactEvidence,
  renderEvidenceReport,
  verifyEvidence,
} from '../evidence/index.js';
import type { SealPolicy } from '../seal/checkpoint.js';
import type { Given, OptionForms } from './arguments.js';
import type { Answer, Called, Command } from './command.js';
import { refuse, usage } from './errors.js';
import { readContents } from './evidence-contents.js';
import { type Expected, fileName, put, readBytes, readExpected, readJsonFile } from './files.js';
import { foundValue } from './found-value.js';
import { keysAt, PRIVATE_KEY_OPTIONS, readPrivateKeys } from './keys.js';
import { inOptions } from './option-names.js';
import { errorLines, reportOf } from './render.js';
import { type Io, type Style, shown, table } from './terminal.js';

const OUT_OPTIONS: OptionForms = {
  out: { kind: 'one', value: 'FILE', help: 'output file; default standard output' },
  force: { kind: 'flag', help: 'overwrite the file of --out' },
};

const EVIDENCE: Expected = {
  what: 'an evidence file',
  found: ['json', 'other'],
  remedy: 'Give the evidence file.',
};

const TRUST_OPTIONS: OptionForms = {
  creator: {
    kind: 'one',
    value: 'FILE',
    help: 'the public keys of the creator of the file, in the form of verify --keys',
    required: true,
  },
  logs: {
    kind: 'one',
    value: 'FILE',
    help: 'the trusted logs: a JSON array of { "origin", "keys", "witnesses"?, "quorum"? }',
  },
  'issuer-thumbprints': {
    kind: 'many',
    value: 'NAMES',
    help: 'thumbprints of the issuer’s keys, as you know them',
  },
  'time-stamp-root': {
    kind: 'many',
    value: 'FILE',
    help: 'certificate of a time-stamping authority, PEM or DER',
  },
  'classical-until': { kind: 'one', value: 'TIME', help: 'the time until which you trust ES256' },
  'allow-classical': { kind: 'flag', help: 'accept a classical presentation without a seal' },
  'require-seal': { kind: 'flag', help: 'demand a seal over the presentation' },
  at: { kind: 'one', value: 'TIME', help: 'the current time; default now', aliases: ['current-date'] },
};

export const evidenceCreate: Command = {
  input: 'received',
  operands: '[CONTENTS|-]',
  options: {
    ...PRIVATE_KEY_OPTIONS,
    issuer: { kind: 'one', value: 'ISS', help: 'the creator of the file', required: true },
    at: { kind: 'one', value: 'TIME', help: 'the time of creation; default now', aliases: ['current-date'] },
    ...OUT_OPTIONS,
  },
  async run(io, given) {
    const path = given.file('the file of the contents');
    const issuer = given.required('issuer', 'the creator of the file, such as https://merchant.example');
    const keys = await readPrivateKeys(io, given);
    const contents = await readContents(io, path);
    const currentDate = given.date('at');
    const evidence = await createEvidence(contents, keys, {
      issuer,
      ...(currentDate !== undefined && { currentDate }),
    });
    return answerFile(io, given, evidence, {});
  },
};

/** Prints an evidence file byte for byte: an added line break would break its canonical form. */
async function answerFile(io: Io, given: Given, evidence: string, more: object): Promise<Answer> {
  const out = given.one('out');
  const result = { evidence, length: evidence.length, ...more };
  if (given.has('json') && out === undefined) return { ok: true, result, people: () => [] };
  const lines = await put(io, out, evidence, given.has('force'), 'as it is');
  return {
    ok: true,
    result: out === undefined ? result : { length: evidence.length, ...more },
    people: () => lines,
  };
}

async function readTrust(io: Io, given: Given): Promise<EvidenceTrust> {
  const creator = given.required('creator', 'the public keys of the creator of the file');
  const [logs, roots] = [given.one('logs'), given.many('time-stamp-root')];
  const thumbprints = given.list('issuer-thumbprints');
  const classicalUntil = given.date('classical-until');
  const timeStampRoots: Uint8Array[] = [];
  for (const root of roots) timeStampRoots.push(await readBytes(io, root, '--time-stamp-root'));
  return {
    creator: await keysAt(io, creator, '--creator'),
    ...(thumbprints !== undefined && { issuerThumbprints: thumbprints }),
    ...(logs !== undefined && { logs: await readLogs(io, logs) }),
    ...(roots.length > 0 && { timeStampRoots: timeStampRoots.map(pemOrDer) }),
    ...(classicalUntil !== undefined && { classicalUntil }),
  };
}

/** PEM is text. */
function pemOrDer(bytes: Uint8Array): string | Uint8Array {
  const text = new TextDecoder().decode(bytes);
  return text.includes('-----BEGIN') ? text : bytes;
}

async function readLogs(io: Io, path: string): Promise<readonly SealPolicy[]> {
  const document = await readJsonFile(io, path, '--logs');
  const list = Array.isArray(document) ? document : [document];
  return list.every(isJsonObject)
    ? (list as unknown as SealPolicy[])
    : refuse(
        'ERR_CLI_DOCUMENT',
        '--logs',
        `${fileName(path)} must be an array of objects with "origin" and "keys"`,
      );
}

/** The report on a file, even if the file is rejected. */
async function readReport(
  io: Io,
  given: Given,
  called: Called,
): Promise<{ report: EvidenceReport; refusal: unknown }> {
  const path = given.file('the evidence file');
  const trust = await readTrust(io, given);
  const currentDate = given.date('at');
  const evidence = await readExpected(io, path, 'FILE', EVIDENCE);
  try {
    const report = await verifyEvidence(evidence, trust, {
      ...(given.has('allow-classical') && { allowClassical: true }),
      ...(given.has('require-seal') && { requireSeal: true }),
      ...(currentDate !== undefined && { currentDate }),
    });
    return { report: reportInOptions(report, called), refusal: undefined };
  } catch (error) {
    const { report } = error as Partial<EvidenceError>;
    if (report === undefined) throw error;
    return { report: reportInOptions(report, called), refusal: error };
  }
}

const reportInOptions = (report: EvidenceReport, called: Called): EvidenceReport => ({
  ...report,
  lines: report.lines.map((line) => ({ ...line, statement: inOptions(line.statement, called) })),
});

export const evidenceVerify: Command = {
  operands: '[FILE|-]',
  options: TRUST_OPTIONS,
  async run(io, given, called) {
    const { report, refusal } = await readReport(io, given, called);
    const error = refusal === undefined ? null : reportOf(refusal, called);
    return {
      ok: refusal === undefined,
      result: { ...report, error },
      people: (style) => [
        ...(error === null
          ? [
              `${style.good(style.strong('valid'))}  ${report.quantumSafe ? style.good('quantum-safe') : style.warn('NOT quantum-safe')}`,
            ]
          : errorLines(error, style, called)),
        ...table([
          ['  made by', `${shown(report.createdBy)}, ${report.createdAt}`],
          ['  used at', report.usedAt],
        ]),
        ...report.lines.map((line) => reportLine(line, style)),
      ],
    };
  },
};

function reportLine(
  { status, statement, by, restsOn }: EvidenceReport['lines'][number],
  style: Style,
): string {
  const mark = status === 'proven' ? style.good : status === 'failed' ? style.bad : style.warn;
  const reason = restsOn === undefined ? by.join(', ') : `rests on ${restsOn}`;
  return `  ${mark(status.padEnd(9))} ${shown(statement)}${reason === '' ? '' : style.faint(` (${shown(reason)})`)}`;
}

export const evidenceHtml: Command = {
  operands: '[FILE|-]',
  options: { ...TRUST_OPTIONS, ...OUT_OPTIONS },
  async run(io, given, called) {
    const { report, refusal } = await readReport(io, given, called);
    const html = renderEvidenceReport(report);
    const out = given.one('out');
    if (given.has('json') && out === undefined)
      usage('--out', '--json and an HTML page both go to standard output: give --out');
    const lines = await put(io, out, html, given.has('force'));
    const error = refusal === undefined ? null : reportOf(refusal, called);
    return {
      ok: refusal === undefined,
      result: { quantumSafe: report.quantumSafe, error },
      people: (style) =>
        out === undefined ? [] : [...lines, ...(error === null ? [] : errorLines(error, style, called))],
    };
  },
};

/** A name that the file does not have is reported with the names that it has. A malformed file is left to the library. */
function checkNames(
  evidence: string,
  {
    claims = [],
    parts = [],
  }: { claims?: readonly string[] | undefined; parts?: readonly string[] | undefined },
): void {
  const names = namesInEvidence(evidence);
  if (names === undefined) return;
  const isPart = (name: string): boolean =>
    names.parts.some((part) => part === name || part.startsWith(`${name}.`));
  for (const [option, given, known, isKnown] of [
    ['--claims', claims, names.claims, (name: string) => names.claims.includes(name)],
    ['--parts', parts, names.parts, isPart],
  ] as const) {
    const unknown = given.find((name) => !isKnown(name));
    if (unknown !== undefined)
      usage(
        option,
        `${option} must be names in the file; ${foundValue(unknown)}, and the file has ${namesText(known)}`,
      );
  }
}

const MAX_NAMES = 20;

const namesText = (names: readonly string[]): string =>
  names.length === 0
    ? 'none'
    : `${names.slice(0, MAX_NAMES).join(', ')}${names.length > MAX_NAMES ? ', …' : ''}`;

/** The names of the disclosed claims and of the parts. */
function namesInEvidence(evidence: string): { claims: string[]; parts: string[] } | undefined {
  try {
    const { parts } = JSON.parse(evidence) as { parts: Record<string, { value: string }> };
    const disclosed = Object.entries(parts).filter(([name]) => name.startsWith('disclosure.'));
    const claims = disclosed.flatMap(([, { value }]) => {
      const bytes = decodeBase64url(value, 'parts', 'ERR_EVIDENCE_MALFORMED');
      const elements: unknown[] = JSON.parse(new TextDecoder().decode(bytes));
      return elements.length === 3 ? [String(elements[1])] : [];
    });
    return { claims: [...new Set(claims)], parts: Object.keys(parts) };
  } catch {
    return undefined;
  }
}

export const evidenceRedact: Command = {
  input: 'received',
  operands: '[FILE|-]',
  options: {
    claims: {
      kind: 'many',
      value: 'NAMES',
      help: 'names of disclosed claims, separated by commas',
      required: 'unless --parts is given',
    },
    parts: {
      kind: 'many',
      value: 'NAMES',
      help: 'parts, such as receipts.0 or ledger, separated by commas',
      required: 'unless --claims is given',
    },
    ...OUT_OPTIONS,
  },
  async run(io, given) {
    const [claims, parts] = [given.list('claims'), given.list('parts')];
    if (claims === undefined && parts === undefined)
      usage('--claims', '--claims NAMES or --parts NAMES is required: what to remove');
    const evidence = await readExpected(io, given.file('the evidence file'), 'FILE', EVIDENCE);
    checkNames(evidence, { claims, parts });
    const redacted = redactEvidence(evidence, { claims, parts });
    return answerFile(io, given, redacted, {});
  },
};
