import { type JsonObject, type JsonValue, setMember } from './json.js';

/**
 * `JSON.parse`, except where engines misread names. V8 in Node 24 and 26 (nodejs/node#63785) can take a member name with an
 * escape for another name, depending on what was parsed before. `{"\u0065xp":1}` may yield an object without `exp`. This
 * function therefore assembles a text that has a backslash from its parts. Throws a SyntaxError.
 */
export function readJson(text: string): JsonValue {
  const value = JSON.parse(text) as JsonValue;
  return text.includes('\\') ? new Reader(text).value() : value;
}

const AFTER_SCALAR = /[,\]} \t\r\n]|$/g;

/** Reads a text that JSON.parse has already accepted, so its parts need no checks. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): JsonValue {
    switch (this.#next()) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #object(): JsonObject {
    const object: JsonObject = {};
    this.#at++;
    while (this.#next() !== '}') {
      if (this.#text[this.#at] === ',') {
        this.#at++;
        this.#next();
      }
      const name = this.#string();
      this.#next();
      this.#at++; // the colon
      setMember(object, name, this.value());
    }
    this.#at++;
    return object;
  }

  #array(): JsonValue[] {
    const array: JsonValue[] = [];
    this.#at++;
    while (this.#next() !== ']') {
      if (this.#text[this.#at] === ',') this.#at++;
      array.push(this.value());
    }
    this.#at++;
    return array;
  }

  /** Engines read a string correctly when it is parsed on its own. */
  #string(): string {
    const end = endOfString(this.#text, this.#at) + 1;
    const literal = this.#text.slice(this.#at, end);
    this.#at = end;
    return JSON.parse(literal);
  }

  #scalar(): JsonValue {
    const start = this.#at;
    AFTER_SCALAR.lastIndex = start;
    this.#at = (AFTER_SCALAR.exec(this.#text) as RegExpExecArray).index;
    return JSON.parse(this.#text.slice(start, this.#at));
  }

  /** The next character that is not white space. */
  #next(): string | undefined {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? '-')) this.#at++;
    return this.#text[this.#at];
  }
}

const BACKSLASH = 0x5c;

/** The index of the quotation mark that ends the string at `start`; past the end of the text if there is none. */
export function endOfString(text: string, start: number): number {
  for (let end = start; ; ) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}
