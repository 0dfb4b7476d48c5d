import jcs from 'canonicalize';
import type { JsonValue } from './json.js';

/**
 * The JCS form (RFC 8785) of a value that came out of {@link parseJson} or {@link toIJson}. Version 2 of the package: the
 * later ones cannot be required, so that tsx and Jest in CommonJS could not load this library.
 */
export const canonicalize = jcs as unknown as (value: JsonValue) => string;
