/// <reference types="node" />
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { parseRfc3339 } from '../claims/rfc3339.js';
import { isJsonObject, type JsonValue } from '../encoding/json.js';
import { parseJson } from '../encoding/parse-json.js';
import type { IssuerKeys } from '../key-sets/issuers.js';
import type { VerifyMandateOptions } from '../mandate/verify.js';
import { type MandateAtTime, type MandateOutcome, verifyMandates } from '../mandate/verify-many.js';
import { DEFAULT_LIMITS } from '../profile.js';
import { archiveChunks, refuseKeyDocument } from './archive.js';
import type { Given, OptionForms } from './arguments.js';
import type { Called, Ended } from './command.js';
import { EXIT, usage } from './errors.js';
import { type Line, linesOf } from './lines.js';
import { reportOf } from './render.js';
import { type Io, lineOfJson, progress, shown, styleOf, table } from './terminal.js';
import { uncheckedDemands, uncheckedText } from './verdict-lines.js';

export const LINE_OPTIONS: OptionForms = {
  member: {
    kind: 'one',
    value: 'NAME',
    help: 'with --lines: the member of a JSON line that contains the mandate; default mandate',
  },
  id: {
    kind: 'one',
    value: 'NAME',
    help: 'with --lines: the member that contains the name of the line; default id',
  },
  'at-member': {
    kind: 'one',
    value: 'NAME',
    help: 'with --lines: the member with the time at which to verify the mandate, such as the time of use; in place of --at',
  },
  claims: {
    kind: 'many',
    value: 'NAMES',
    help: 'with --lines: claims to include in the verdict; default none',
  },
  concurrency: {
    kind: 'one',
    value: 'N',
    help: 'with --lines: how many mandates to verify at a time; default 16',
  },
  'exit-zero': {
    kind: 'flag',
    help: 'with --lines: exit 0 once every line has its verdict, even if some are refused, for engines that retry any other exit code',
  },
  summary: {
    kind: 'one',
    value: 'WHERE',
    help: 'with --lines: stderr (default), last-line of standard output, or none',
  },
};

/** The data of a line beside its mandate, kept until its verdict is known. */
interface Waiting {
  readonly line: number;
  readonly id: string | number | null;
  /** The reason why there is no mandate to verify. */
  readonly fault: { code: string; parameter: string; message: string } | undefined;
}

/** The counts. */
interface Summary {
  lines: number;
  verified: number;
  refused: number;
  quantumSafe: number;
  /** The number of rejected lines for each code. */
  readonly codes: Record<string, number>;
}

/** The characters around a mandate in a JSON line. */
const ROOM_FOR_JSON = 65_536;
/** A byte order mark is kept, and invalid UTF-8 becomes a character that no mandate contains: the verifier rejects both. */
const asText = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Verifies an archive line by line: one JSON verdict on standard output for each line, in order. At most `concurrency` lines
 * are kept, and reading pauses while the reader of the verdicts is busy.
 */
export async function verifyLines(
  io: Io,
  given: Given,
  path: string,
  keys: IssuerKeys,
  options: VerifyMandateOptions,
  called: Called,
): Promise<Ended> {
  const where = given.choice('summary', ['stderr', 'last-line', 'none']) ?? 'stderr';
  const names: Names = {
    mandate: given.one('member') ?? 'mandate',
    id: given.one('id') ?? 'id',
    at: given.one('at-member'),
  };
  if (names.at !== undefined && options.currentDate !== undefined)
    usage(
      '--at-member',
      '--at and --at-member exclude each other: one time for all lines, or a time on each',
    );
  const claims = given.list('claims');
  const concurrency = given.integer('concurrency');
  const maxLine = (options.limits?.maxMandateLength ?? DEFAULT_LIMITS.maxMandateLength) + ROOM_FOR_JSON;

  let read = 0;
  const summary: Summary = { lines: 0, verified: 0, refused: 0, quantumSafe: 0, codes: {} };
  const waiting: Waiting[] = [];
  const chunks = await archiveChunks(io, path);
  const bytes = await refuseKeyDocument(chunks.bytes, path, names.mandate);
  async function* mandates(): AsyncGenerator<string | MandateAtTime, void, undefined> {
    for await (const line of linesOf(bytes, maxLine, (count) => (read += count))) {
      const { mandate, at, ...rest } = readLine(line, names);
      waiting.push(rest);
      yield at === undefined ? mandate : { mandate, currentDate: new Date(at) };
    }
  }
  const outcomes = verifyMandates(mandates(), keys, {
    ...options,
    ...(concurrency !== undefined && { concurrency }),
  });

  const bar = progress(io, chunks.size);
  const writer = new LineWriter(io.stdout);
  try {
    for await (const outcome of outcomes) {
      const verdict = verdictOf(waiting.shift() as Waiting, outcome, claims, called);
      count(summary, verdict);
      await writer.write(lineOfJson(verdict));
      bar.update(read, `${summary.lines} lines, ${summary.refused} refused`);
    }
    if (where === 'last-line') await writer.write(lineOfJson({ summary }));
  } finally {
    bar.end();
  }
  if (where === 'stderr') io.stderr.write(summaryText(io, given, summary));
  return { exitCode: summary.refused > 0 && !given.has('exit-zero') ? EXIT.REFUSED : EXIT.OK };
}

/** The names of the members of a JSON line. */
interface Names {
  readonly mandate: string;
  readonly id: string;
  readonly at: string | undefined;
}

/** A mandate, and the time at which to verify it, in milliseconds since the epoch. */
type ReadLine = Waiting & { readonly mandate: string; readonly at?: number };

/** The mandate of a line; empty if the line is at fault. */
function readLine(line: Line, names: Names): ReadLine {
  const bad = (id: Waiting['id'], code: string, message: string) => ({
    line: line.number,
    id,
    mandate: '',
    fault: { code, parameter: 'line', message },
  });
  if (line.isTooLong)
    return bad(
      null,
      'ERR_MANDATE_TOO_LARGE',
      'the line is longer than the limit "maxMandateLength" for a mandate',
    );
  if (line.bytes.length === 0)
    return bad(
      null,
      'ERR_MANDATE_MALFORMED',
      'the line is empty; a mandate, or a JSON object with one, is expected',
    );
  const isJson = line.bytes[0] === 0x7b;
  if (!isJson) {
    if (names.at !== undefined)
      return bad(
        null,
        'ERR_MANDATE_MALFORMED',
        'the line is no JSON object, so it has no time for --at-member',
      );
    return { line: line.number, id: null, mandate: asText.decode(line.bytes), fault: undefined };
  }
  let value: JsonValue;
  try {
    value = parseJson(line.bytes, 'line', 'ERR_MANDATE_MALFORMED', DEFAULT_LIMITS.maxDepth).value;
  } catch (error) {
    const { code, message } = reportOf(error);
    return bad(null, code, message);
  }
  const members = isJsonObject(value) ? value : {};
  const own = (name: string) => (Object.hasOwn(members, name) ? members[name] : undefined);
  const [id, mandate] = [own(names.id), own(names.mandate)];
  // A number that JavaScript cannot represent exactly would become the name of another line.
  const isName = id === undefined || id === null || typeof id === 'string' || isExact(id);
  if (!isName)
    return bad(
      null,
      'ERR_MANDATE_MALFORMED',
      `"${shown(names.id)}" must be a string or an integer below 2^53`,
    );
  const named = id ?? null;
  if (typeof mandate !== 'string')
    return bad(named, 'ERR_MANDATE_MALFORMED', 'the JSON line has no mandate: name its member with --member');
  if (names.at === undefined) return { line: line.number, id: named, mandate, fault: undefined };
  const time = own(names.at);
  const at = typeof time === 'string' ? parseRfc3339(time) : undefined;
  if (at === undefined)
    return bad(
      named,
      'ERR_MANDATE_MALFORMED',
      `"${shown(names.at)}" must be a time such as "2026-11-26T12:00:00Z"`,
    );
  return { line: line.number, id: named, mandate, at, fault: undefined };
}

const isExact = (id: JsonValue): id is number => Number.isSafeInteger(id) && !Object.is(id, -0);

type Verdict = Readonly<Record<string, unknown>> & { readonly verified: boolean };

function verdictOf(
  { line, id, fault }: Waiting,
  outcome: MandateOutcome,
  claims: readonly string[] | undefined,
  called: Called,
): Verdict {
  if (outcome.verified && fault === undefined) {
    const { policy, quantumSafe, mandateId, identity, payload } = outcome.result;
    return {
      line,
      id,
      verified: true,
      policy,
      quantumSafe,
      mandateId: mandateId ?? null,
      identity,
      ...(claims !== undefined && {
        claims: Object.fromEntries(
          claims.map((name) => [name, Object.hasOwn(payload, name) ? payload[name] : null]),
        ),
      }),
    };
  }
  const { code, parameter, message } = fault ?? reportOf((outcome as { error?: unknown }).error, called);
  return { line, id, verified: false, code, parameter, message };
}

function count(summary: Summary, verdict: Verdict): void {
  summary.lines += 1;
  if (verdict.verified) {
    summary.verified += 1;
    if (verdict.quantumSafe === true) summary.quantumSafe += 1;
    return;
  }
  summary.refused += 1;
  const code = String(verdict.code);
  summary.codes[code] = (summary.codes[code] ?? 0) + 1;
}

function summaryText(io: Io, given: Given, summary: Summary): string {
  if (given.has('json')) return lineOfJson({ summary });
  const { good, bad } = styleOf(io.stderr, io.env);
  const { lines, verified, refused, quantumSafe, codes } = summary;
  const rows = table([
    ['lines', String(lines)],
    ['verified', `${good(String(verified))}, of which ${quantumSafe} quantum-safe`],
    ['refused', refused === 0 ? '0' : bad(String(refused))],
    ...Object.entries(codes)
      .sort(([, a], [, b]) => b - a)
      .map(([code, lineCount]) => [`  ${code}`, String(lineCount)] as const),
    ['not checked', uncheckedText(uncheckedDemands(given))],
  ]);
  return `${rows.join('\n')}\n`;
}

/** Writes lines with backpressure. */
class LineWriter {
  readonly #stream: Writable;
  #error: unknown;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#error = error;
    });
  }

  async write(text: string): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    if (!this.#stream.write(text)) await once(this.#stream, 'drain');
  }
}
