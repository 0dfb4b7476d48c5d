// A vitest setup file that records the inputs of the tests of @sd-jwt/core or @sd-jwt/jwt-status-list to their library, and the
// results. One line of RECORD_FILE for each call: the test, the input, the error that it raised or null, the result.
import { appendFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, vi } from 'vitest';

const file = process.env.RECORD_FILE as string;
const load = (path: string) => import(pathToFileURL(`${process.env.RECORD_PACKAGE}/src/${path}`).href);

function write(input: object, error: unknown, result?: unknown): void {
  const { currentTestName: test } = expect.getState();
  const message = error instanceof Error ? error.message : error === undefined ? null : String(error);
  appendFileSync(file, `${JSON.stringify({ test, ...input, error: message, result })}\n`);
}

type Method = (this: unknown, ...args: never[]) => unknown;

/** The same method; `read` turns its arguments into the record. */
function record(
  owner: Record<string, Method>,
  name: string,
  read: (...args: never[]) => object,
  show: (result: never) => unknown,
): void {
  const original = owner[name] as Method;
  owner[name] = function (...args) {
    const input = structuredClone(read.apply(this, args));
    const done = (result: unknown): unknown => {
      write(input, undefined, show(result as never));
      return result;
    };
    const failed = (error: unknown): never => {
      write(input, error);
      throw error;
    };
    try {
      const result = original.apply(this, args);
      return result instanceof Promise ? result.then(done, failed) : done(result);
    } catch (error) {
      return failed(error);
    }
  };
}

if (process.env.RECORD_PEER === 'sd-jwt') {
  // Before it is loaded.
  vi.doMock(`${process.env.RECORD_PACKAGE}/src/decode/decode.ts`, async (importOriginal) => {
    const recorded = { ...((await importOriginal()) as Record<string, Method>) };
    record(
      recorded,
      'unpackObj',
      (payload: object, disclosures: Record<string, { key?: string; value: unknown }>) => ({
        kind: 'unpack',
        payload,
        disclosures: Object.entries(disclosures).map(([digest, { key, value }]) => ({ digest, key, value })),
      }),
      ({ unpackedObj }: { unpackedObj: object }) => unpackedObj,
    );
    return recorded;
  });
  const { SDJwtInstance } = await load('index.ts');
  record(
    SDJwtInstance.prototype,
    'validate',
    (token: string, given?: { currentDate?: number; skewSeconds?: number }) => ({
      kind: 'sd-jwt',
      token,
      now: given?.currentDate ?? Date.now() / 1000,
      leeway: given?.skewSeconds ?? 0,
    }),
    ({ payload }: { payload: object }) => payload,
  );
} else {
  const { StatusList } = await load('status-list.ts');
  record(
    StatusList,
    'decompressStatusList',
    (lst: string, bits: number) => ({ kind: 'status-list', lst, bits }),
    ({ statusList }: { statusList: number[] }) => statusList,
  );
}
