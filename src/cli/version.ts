/// <reference types="node" />
import { readFileSync } from 'node:fs';

/** The version of the package that this file is of. */
export const version = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
