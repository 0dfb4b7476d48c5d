import type { Given, OptionForms } from './arguments.js';
import type { Io, Style } from './terminal.js';

/** What a command has to say. */
export interface Answer {
  /** Whether what was asked for holds. */
  readonly ok: boolean;
  /** Set where something that is needed for a verdict was not given. */
  readonly isUndecided?: boolean;
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
  /**
   * Set for a command that gives no verdict: what is wrong with its input is an error of who calls it. `own` where the caller wrote
   * the input, `received` where somebody else did.
   */
  readonly input?: 'own' | 'received';
  /** @param called Itself, for who reports on errors. */
  run(io: Io, given: Given, called: Called): Promise<Answer | Ended>;
}

/** A command by its name: its file is loaded when it is called. */
export interface NamedCommand {
  /** One word or two, such as `chain verify`. */
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** The command that was called, as far as it is known. */
export interface Called {
  readonly named: NamedCommand | undefined;
  readonly command: Command | undefined;
}

export const NOTHING_CALLED: Called = { named: undefined, command: undefined };
