import { fail, type MandateErrorCode } from '../errors.js';
import type { JsonObject, JsonValue } from './json.js';
import { endOfString, readJson } from './read-json.js';
import { isWellFormed } from './well-formed.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A JSON text and its value. */
export interface ParsedJson {
  readonly text: string;
  readonly value: JsonValue;
}

/** A JSON text whose value is an object. */
export interface ParsedJsonObject extends ParsedJson {
  readonly value: JsonObject;
}

/**
 * Parses strict JSON: valid UTF-8 without a BOM, I-JSON (RFC 7493: no duplicate member, no lone surrogate, every number
 * finite), nested at most `maxDepth` levels. Two parsers can then disagree only on the precision of numbers.
 */
export function parseJson(
  bytes: Uint8Array,
  parameter: string,
  code: MandateErrorCode,
  maxDepth: number,
): ParsedJson {
  const refuse = (expected: string, cause?: unknown): never =>
    fail(code, parameter, `"${parameter}" must be ${expected}`, { cause });
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    return refuse('valid UTF-8', cause);
  }
  // Checked before parsing: deep nesting may overflow the stack of an engine, and a parsed value no longer shows duplicates.
  const shape = scan(text);
  if (shape.depth > maxDepth) {
    const message = `"${parameter}" nests JSON ${shape.depth} levels deep, the limit is ${maxDepth}`;
    fail('ERR_MANDATE_TOO_LARGE', parameter, message);
  }
  let value: JsonValue;
  try {
    value = readJson(text);
  } catch (cause) {
    return refuse('JSON (RFC 8259)', cause);
  }
  if (countMembers(value, refuse) !== shape.members) refuse('JSON without duplicate member names');
  return { text, value };
}

const QUOTATION_MARK = 0x22;
const COLON = 0x3a;

/**
 * The nesting depth and number of members of a JSON text, found without parsing it by counting brackets and colons outside
 * strings.
 */
function scan(text: string): { depth: number; members: number } {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTATION_MARK:
        i = endOfString(text, i);
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > deepest) deepest = depth;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
      case COLON:
        members++;
        break;
    }
  }
  return { depth: deepest, members };
}

/** Counts the members that are left after parsing, and rejects what I-JSON cannot hold. */
function countMembers(value: JsonValue, refuse: (expected: string) => never): number {
  if (typeof value === 'number' && !Number.isFinite(value))
    refuse('JSON whose numbers an IEEE 754 double can hold');
  if (typeof value === 'string' && !isWellFormed(value)) refuse('JSON without lone surrogates');
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const element of value) members += countMembers(element, refuse);
    return members;
  }
  for (const name of Object.keys(value)) {
    if (!isWellFormed(name)) refuse('JSON without lone surrogates');
    members += 1 + countMembers(value[name] as JsonValue, refuse);
  }
  return members;
}
