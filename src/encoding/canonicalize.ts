import jcs from 'canonicalize';
import type { JsonValue } from './json.js';

/**
 * The JCS form (RFC 8785) of a value from {@link parseJson} or {@link toIJson}. The package stays at version 2: later versions
 * cannot be loaded by `require`, so tsx and Jest in CommonJS could not load this library.
 */
export const canonicalize = jcs as unknown as (value: JsonValue) => string;
