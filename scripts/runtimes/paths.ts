import { fileURLToPath } from 'node:url';

/** The root of the project, with a slash at the end. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Where the runtimes are installed and the bundle is put; git ignores it. */
export const RUNTIMES = `${ROOT}build/runtimes/`;
export const BUNDLE = `${RUNTIMES}bundle/`;
