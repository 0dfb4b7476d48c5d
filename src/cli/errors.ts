/** The exit codes. */
export const EXIT = {
  /** The input is valid, or the command has succeeded. */
  OK: 0,
  /** The input was read and rejected. */
  REFUSED: 1,
  /** The command line, or input that the caller wrote, is wrong: nothing was decided. */
  USAGE: 2,
  /** A file, a stream or a server could not be read or written. */
  IO: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The errors of the command line, in addition to those of the library. */
export const CLI_ERROR_CODES = {
  ERR_CLI_USAGE: 'a command, an option or an operand is unknown, missing or malformed',
  ERR_CLI_READ: 'a file or standard input could not be read',
  ERR_CLI_WRITE: 'a file or standard output could not be written',
  ERR_CLI_EXISTS: 'a file already exists, and is not overwritten',
  ERR_CLI_DOCUMENT: 'a file was read and does not have the required form',
  ERR_CLI_INTERNAL: 'a bug in ap2-pq',
} as const;

export type CliErrorCode = keyof typeof CLI_ERROR_CODES;

/** The remedy for each code. */
export const CLI_REMEDIES: Readonly<Record<CliErrorCode, string>> = {
  ERR_CLI_USAGE: 'Correct the command line. `ap2-pq COMMAND --help` lists the options.',
  ERR_CLI_READ: 'Check the name of the file, and that you may read it.',
  ERR_CLI_WRITE: 'Check that the folder exists, that you may write to it, and that the disk is not full.',
  ERR_CLI_EXISTS: 'Choose another name, or overwrite the file with `--force`.',
  ERR_CLI_DOCUMENT: 'Correct the file. The message says what it must contain.',
  ERR_CLI_INTERNAL: 'Report the bug, with the command and without keys.',
};

/** The exit code for each code. An unusable key document gives no verdict on a mandate. */
export const CLI_EXITS: Readonly<Record<CliErrorCode, ExitCode>> = {
  ERR_CLI_USAGE: EXIT.USAGE,
  ERR_CLI_READ: EXIT.IO,
  ERR_CLI_WRITE: EXIT.IO,
  ERR_CLI_EXISTS: EXIT.IO,
  ERR_CLI_DOCUMENT: EXIT.USAGE,
  ERR_CLI_INTERNAL: EXIT.IO,
};

/** An error of the command line itself. `parameter` is the option, operand or file at fault. */
export class CliError extends Error {
  readonly code: CliErrorCode;
  readonly parameter: string;
  /** What to do, if there is more to say than {@link CLI_REMEDIES} has for the code. */
  readonly remedy: string | undefined;

  constructor(
    code: CliErrorCode,
    parameter: string,
    message: string,
    { cause, remedy }: { cause?: unknown; remedy?: string } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.parameter = parameter;
    this.remedy = remedy;
  }
}

/** Throws a {@link CliError}. */
export function refuse(
  code: CliErrorCode,
  parameter: string,
  message: string,
  cause?: unknown,
  remedy?: string,
): never {
  throw new CliError(code, parameter, message, { cause, ...(remedy !== undefined && { remedy }) });
}

/** The command line is wrong. */
export const usage = (parameter: string, message: string): never =>
  refuse('ERR_CLI_USAGE', parameter, message);
