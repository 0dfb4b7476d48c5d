import { isError } from '../../brand.js';

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (isError(error) ? error.message : String(error));
