import type { Given, OptionForms } from './arguments.js';
import type { Io, Style } from './terminal.js';

/** What a command has to say. */
export interface Answer {
  /** Whether what was asked for holds. */
  readonly ok: boolean;
  /** For programs: the member `result` of the JSON object. */
  readonly result: object;
  /** For people: lines. */
  readonly people: (style: Style) => readonly string[];
}

/** A command that has written everything itself, and ends with an exit code. */
export interface Ended {
  readonly exitCode: number;
}

export interface Command {
  /** What comes after the options, for the help. */
  readonly operands: string;
  readonly options: OptionForms;
  run(io: Io, given: Given): Promise<Answer | Ended>;
}

/** A command by its name: its file is loaded when it is called. */
export interface NamedCommand {
  /** One word or two, such as `chain verify`. */
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}
