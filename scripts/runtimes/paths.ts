import { fileURLToPath } from 'node:url';

/** The root of the project, with a slash at the end. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The folder for the installed runtimes and the bundle; git ignores it. */
export const RUNTIMES = `${ROOT}build/runtimes/`;
export const BUNDLE = `${RUNTIMES}bundle/`;
