import { isError } from '../../brand.js';

/** The message of any thrown value. */
export const messageOf = (error: unknown): string => (isError(error) ? error.message : String(error));
