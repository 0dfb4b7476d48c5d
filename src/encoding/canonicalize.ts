import jcs from 'canonicalize';
import type { JsonValue } from './json.js';

/** The JCS form (RFC 8785) of a value that came out of {@link parseJson} or {@link toIJson}. */
export const canonicalize: (value: JsonValue) => string = jcs as (value: JsonValue) => string;
