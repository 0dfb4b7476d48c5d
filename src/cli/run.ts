import { COMMON_OPTIONS, nearestOf, readArguments } from './arguments.js';
import { type Called, type NamedCommand, NOTHING_CALLED } from './command.js';
import { COMMANDS } from './commands.js';
import { CliError, EXIT, usage } from './errors.js';
import { errorLines, exitCodeOf, helpOf, helpOfGroup, reportOf } from './render.js';
import { type Io, lineOfJson, styleOf, table, write } from './terminal.js';
import { version } from './version.js';

/**
 * Runs one command line.
 * @param words The arguments, without the program name.
 * @returns The exit code: 0 valid or done, 1 refused, 2 the command line or its input is wrong, 3 input or output failed.
 */
export async function run(words: readonly string[], io: Io): Promise<number> {
  let called: Called = NOTHING_CALLED;
  // Known before parsing, so that an error of the command line itself is printed in the requested form.
  const asJson = words.includes('--json');
  try {
    const first = words[0];
    if (first === undefined) return await overview(io, EXIT.USAGE);
    if (first === 'help')
      return await run(words.length === 1 ? ['--help'] : [...words.slice(1), '--help'], io);
    if (HELP.includes(first)) return await overview(io, EXIT.OK);
    if (first === 'version' || VERSION.includes(first)) return await printVersion(io);
    const below = groupOf(first);
    if (below.length > 0 && HELP.includes(words[1] ?? '')) {
      await write(io.stdout, lines(helpOfGroup(below)));
      return EXIT.OK;
    }
    if (below.length > 0 && VERSION.includes(words[1] ?? '')) return await printVersion(io);
    const named = find(words);
    called = { named, command: undefined };
    const command = await named.load();
    called = { named, command };
    const options = { ...command.options, ...COMMON_OPTIONS };
    const given = readArguments(words.slice(named.name.split(' ').length), options);
    if (given.has('help')) {
      await write(io.stdout, lines(helpOf(named, { ...command, options })));
      return EXIT.OK;
    }
    if (given.has('version')) return await printVersion(io);
    called = { named, command, given };
    const answer = await command.run(io, given, called);
    if ('exitCode' in answer) return answer.exitCode;
    const { ok, isUndecided, result, people } = answer;
    // A command that has written to standard output itself returns no lines.
    if (asJson) await write(io.stdout, json({ command: named.name, ok, result }));
    else await write(io.stdout, lines(people(styleOf(io.stdout, io.env))));
    if (isUndecided === true) return EXIT.USAGE;
    return ok ? EXIT.OK : EXIT.REFUSED;
  } catch (thrown) {
    if (isClosedOutput(thrown)) return EXIT.IO;
    const error = isUnwritten(thrown)
      ? new CliError(
          'ERR_CLI_WRITE',
          'standard output',
          `standard output could not be written: ${thrown.code}`,
          {
            cause: thrown,
          },
        )
      : thrown;
    return failed(
      asJson && !isUnwritten(thrown) ? io.stdout : io.stderr,
      io.env,
      called,
      asJson,
      error,
    ).catch(() => EXIT.IO);
  }
}

async function failed(
  stream: Io['stdout'],
  env: Io['env'],
  called: Called,
  asJson: boolean,
  thrown: unknown,
): Promise<number> {
  const error = reportOf(thrown, called);
  const text = asJson
    ? json({ command: called.named?.name ?? null, ok: false, error })
    : lines(errorLines(error, styleOf(stream, env), called));
  await write(stream, text);
  return exitCodeOf(error, called);
}

/** The reader of the output has closed it: this is not an error, and there is nobody to report it to. */
function isClosedOutput(thrown: unknown): boolean {
  const { code, syscall } = (thrown ?? {}) as { code?: unknown; syscall?: unknown };
  return (code === 'EPIPE' && syscall === 'write') || code === 'ERR_STREAM_DESTROYED';
}

/** The disk is full, or the device failed. Files have their own write errors. */
const isUnwritten = (thrown: unknown): thrown is { code: string } => {
  const { code, syscall } = (thrown ?? {}) as { code?: unknown; syscall?: unknown };
  return typeof code === 'string' && syscall === 'write';
};

const lines = (text: readonly string[]): string => (text.length === 0 ? '' : `${text.join('\n')}\n`);

/** Turns undefined members into null, so that all objects of a kind have the same members. */
const json = (value: unknown): string =>
  lineOfJson(value, (_, member) => (member === undefined ? null : member));

/** A message quotes only text that looks like a command: anything else may be a secret. */
function find(words: readonly string[]): NamedCommand {
  const [first = '', second = ''] = words;
  const found =
    COMMANDS.find(({ name }) => name === `${first} ${second}`) ?? COMMANDS.find(({ name }) => name === first);
  if (found !== undefined) return found;
  const below = groupOf(first).map(({ name }) => name);
  const nearest = meantBy(first, second);
  const meant = nearest === first ? undefined : nearest;
  if (below.length > 0)
    return usage(
      'command',
      `${first} needs one of: ${below.join(', ')}${meant === undefined ? '' : `; is ${meant} meant?`}`,
    );
  const name = /^[a-z-]{1,20}$/.test(first) ? `"${first}"` : 'the first argument';
  return usage(
    'command',
    `${name} is not a command: ${meant === undefined ? 'ap2-pq --help lists them' : `is ${meant} meant?`}`,
  );
}

/** The command that was probably meant: one or two wrong letters, a hyphen for the space, or a missing first word. */
function meantBy(first: string, second: string): string | undefined {
  const names = COMMANDS.map(({ name }) => name);
  const typed = [`${first} ${second}`, first.replace(/[-_:]/, ' '), first].map((word) =>
    word.toLowerCase().trim(),
  );
  const found = typed.map((word) => names.find((name) => name === word) ?? nearestOf(word, names));
  const groups = [
    ...new Set(names.filter((name) => name.includes(' ')).map((name) => name.split(' ')[0] ?? '')),
  ];
  return found.find((name) => name !== undefined) ?? nearestOf(first, groups);
}

const HELP: readonly string[] = ['--help', '-h'];
const VERSION: readonly string[] = ['--version', '-V'];

/** The commands that begin with a word, such as `seal`. */
const groupOf = (first: string): readonly NamedCommand[] =>
  COMMANDS.filter(({ name }) => name.startsWith(`${first} `));

async function printVersion(io: Io): Promise<number> {
  await write(io.stdout, `${version()}\n`);
  return EXIT.OK;
}

async function overview(io: Io, exitCode: number): Promise<number> {
  const text = lines([
    `ap2-pq ${version()}: quantum-safe AP2 payment mandates`,
    '',
    'ap2-pq COMMAND [options] [FILE|-]',
    '',
    ...table(COMMANDS.map(({ name, summary }) => [`  ${name}`, summary] as const)),
    '',
    'ap2-pq COMMAND --help lists the options. Every command takes --json. FILE is a file name; - is standard input.',
    'Exit codes: 0 valid or done, 1 refused, 2 the command line or its input is wrong and nothing was decided, 3 input or output failed.',
  ]);
  await write(exitCode === EXIT.OK ? io.stdout : io.stderr, text);
  return exitCode;
}
