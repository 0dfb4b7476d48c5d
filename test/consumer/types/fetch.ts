// The option `fetch`: that of the runtime, and functions of the user's own.
import { createRemoteMandateKeySet } from 'ap2-pq';

const url = 'https://bank.example/jwks.json';

export const ofRuntime = createRemoteMandateKeySet(url, { fetch });
export const ofGlobal = createRemoteMandateKeySet(url, { fetch: globalThis.fetch });
export const wrapped = createRemoteMandateKeySet(url, { fetch: async (target, init) => fetch(target, init) });
