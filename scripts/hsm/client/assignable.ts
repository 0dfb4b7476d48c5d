// Compiled by npm run hsm, which installs pkcs11js: an object of its class fits the type of ap2-pq.
import type { PKCS11 } from 'pkcs11js';
import type { Pkcs11 } from '../../../src/signers/pkcs11.js';

export const pkcs11 = (module: PKCS11): Pkcs11 => module;
