import type { Given, OptionForms } from './arguments.js';
import type { Io, Style } from './terminal.js';

/** The result of a command. */
export interface Answer {
  /** Whether the answer is positive. */
  readonly ok: boolean;
  /** Set if something that a verdict needs was not given. */
  readonly isUndecided?: boolean;
  /** For programs: the member `result` of the JSON object. */
  readonly result: object;
  /** For people: lines. */
  readonly people: (style: Style) => readonly string[];
}

/** The result of a command that has written all output itself: only the exit code. */
export interface Ended {
  readonly exitCode: number;
}

export interface Command {
  /** The operands after the options, for the help. */
  readonly operands: string;
  readonly options: OptionForms;
  /**
   * Set for a command that gives no verdict: a fault in its input is the caller's error. `own` if the caller wrote the input,
   * `received` if somebody else did.
   */
  readonly input?: 'own' | 'received';
  /** @param called The command itself, for error reports. */
  run(io: Io, given: Given, called: Called): Promise<Answer | Ended>;
}

/** A command by its name. Its file is loaded when it is called. */
export interface NamedCommand {
  /** One or two words, such as `chain verify`. */
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** The command that was called, if known. */
export interface Called {
  readonly named: NamedCommand | undefined;
  readonly command: Command | undefined;
  /** Its options, once they were read. */
  readonly given?: Given;
}

export const NOTHING_CALLED: Called = { named: undefined, command: undefined };
