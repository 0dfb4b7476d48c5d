// The line mode: a verdict for each line, in order, whatever a line holds; back-pressure, closed pipes, bounded memory per line.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { beforeAll, describe, expect, test } from 'vitest';
import { linesOf } from '../../src/cli/lines.js';
import { run } from '../../src/cli/run.js';
import { signMandate, verifyMandate } from '../../src/index.js';
import { privateKeys, publicKeys, readJson } from '../support.js';
import { ap2pq, inProcess, PROGRAM, temporaryFolder } from './support.js';

const folder = temporaryFolder();
const KEYS_FILE = join(folder, 'keys.json');
writeFileSync(KEYS_FILE, JSON.stringify(publicKeys));
const LINES = ['verify', '--lines', '--keys', KEYS_FILE];
const verdictsOf = (stdout: string) =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

let mandate: string;
beforeAll(async () => {
  mandate = await signMandate({ iss: 'https://bank.example', amount: '125.00' }, privateKeys);
});

describe('a verdict for each line', () => {
  test('mandates, JSON lines and bad lines, in order; 1 where any is refused', async () => {
    const input = [
      mandate,
      JSON.stringify({ id: 'b', mandate }),
      'damaged',
      JSON.stringify({ id: 4, mandate: 'damaged' }),
      '{"id":"e"',
      JSON.stringify({ id: 'f' }),
      '',
      `{"id":"h","mandate":"${mandate}","mandate":"x"}`,
      `\ufeff${mandate}`,
      `${mandate}\r`,
    ].join('\n');
    const { code, stdout, stderr } = await ap2pq([...LINES, '--json'], { stdin: input });
    const verdicts = verdictsOf(stdout);
    expect(code).toBe(1);
    expect(verdicts.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(verdicts.map(({ id }) => id)).toEqual([null, 'b', null, 4, null, 'f', null, null, null, null]);
    const ok = [1, 2, 10];
    expect(verdicts.map(({ verified }) => verified)).toEqual(verdicts.map(({ line }) => ok.includes(line)));
    for (const verdict of verdicts) {
      expect(Object.keys(verdict)).toEqual(
        verdict.verified
          ? ['line', 'id', 'verified', 'policy', 'quantumSafe', 'mandateId', 'identity']
          : ['line', 'id', 'verified', 'code', 'parameter', 'message'],
      );
      if (!verdict.verified) expect(verdict.code).toBe('ERR_MANDATE_MALFORMED');
    }
    expect(JSON.parse(stderr)).toEqual({
      summary: { lines: 10, verified: 3, refused: 7, quantumSafe: 3, codes: { ERR_MANDATE_MALFORMED: 7 } },
    });
  });

  test('--at-member verifies each at its own time, and nothing as of now', async () => {
    const of = async (year: number): Promise<[string, string]> => {
      const iat = Date.UTC(year, 5, 1) / 1000;
      const made = await signMandate({ iss: 'a', iat, exp: iat + 900 }, privateKeys);
      return [made, new Date((iat + 60) * 1000).toISOString()];
    };
    const [[old, thenOld], [later, thenLater]] = [await of(2025), await of(2026)];
    const input = [
      { id: 1, mandate: old, usedAt: thenOld },
      { id: 2, mandate: later, usedAt: thenLater },
      { id: 3, mandate: old, usedAt: thenLater },
      { id: 4, mandate: old },
      { id: 5, mandate: old, usedAt: 'yesterday' },
      { id: 6, mandate: old, usedAt: Date.parse(thenOld) },
    ].map((line) => JSON.stringify(line));
    const words = [...LINES, '--at-member', 'usedAt'];
    const { code, stdout } = await ap2pq(words, { stdin: [...input, old].join('\n') });
    expect(code).toBe(1);
    expect(verdictsOf(stdout).map(({ id, code: found }) => [id, found])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 'ERR_JWT_EXPIRED'],
      ...[4, 5, 6, null].map((id) => [id, 'ERR_MANDATE_MALFORMED']),
    ]);
    const both = await ap2pq([...words, '--at', thenOld], { stdin: old });
    expect([both.code, both.stderr.includes('--at and --at-member exclude each other')]).toEqual([2, true]);
    // An entry that has expired since counted at the time of use.
    const { mandateId } = await verifyMandate(old, publicKeys, { currentDate: new Date(thenOld) });
    const list = join(folder, 'revoked.json');
    writeFileSync(list, JSON.stringify([[mandateId, Date.UTC(2025, 6, 1) / 1000]]));
    const revoked = await ap2pq([...words, '--revocation-list', list], {
      stdin: input.slice(0, 2).join('\n'),
    });
    expect(verdictsOf(revoked.stdout).map(({ code: found }) => found)).toEqual([
      'ERR_MANDATE_REVOKED',
      undefined,
    ]);
  });

  test('a name that JavaScript cannot hold exactly is refused, not changed', async () => {
    const ids = [
      '9007199254740993',
      '9007199254740992',
      '-0',
      '1.5',
      '{"a":1}',
      'true',
      '9007199254740991',
      '"x"',
    ];
    const stdin = ids.map((id) => `{"id":${id},"mandate":"${mandate}"}`).join('\n');
    const { code, stdout } = await inProcess(LINES, { stdin });
    expect(code).toBe(1);
    expect(verdictsOf(stdout).map(({ id, verified }) => [id, verified])).toEqual([
      ...Array.from({ length: 6 }, () => [null, false]),
      [9007199254740991, true],
      ['x', true],
    ]);
  });

  test('0 where none is refused; names of members, claims, and the summary as the last line', async () => {
    const input = `${JSON.stringify({ key: 'k', token: mandate })}\n`.repeat(3);
    const { code, stdout, stderr } = await inProcess(
      [...LINES, '--member', 'token', '--id', 'key', '--claims', 'amount,missing', '--summary', 'last-line'],
      { stdin: input },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const verdicts = verdictsOf(stdout);
    expect(verdicts).toHaveLength(4);
    expect(verdicts[2]).toMatchObject({ line: 3, id: 'k', claims: { amount: '125.00', missing: null } });
    expect(verdicts[3]).toMatchObject({ summary: { lines: 3, verified: 3 } });
  });

  test('--exit-zero: 0 when every line has its verdict, and 3 where the archive could not be read', async () => {
    const words = [...LINES, '--exit-zero', '--summary', 'none'];
    expect(await inProcess(words, { stdin: 'damaged' })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('ERR_MANDATE'),
    });
    expect((await inProcess([...words, join(folder, 'missing')])).code).toBe(3);
  });

  test('an empty archive: nothing, and 0', async () => {
    expect(await inProcess([...LINES, '--summary', 'none'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('the summary for people, in colour on a terminal', async () => {
    const { stderr } = await inProcess(LINES, { stdin: 'x\n', isTTY: true });
    expect(stderr).toContain('\u001b[31m1\u001b[0m');
    expect(stderr).toContain('ERR_MANDATE_MALFORMED');
  });

  test('an archive that is not there: 3, and no verdict', async () => {
    const { code, stdout, stderr } = await ap2pq([...LINES, join(folder, 'missing')]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('missing does not exist');
  });
});

test('the negative corpus, as lines: the code of each case', async () => {
  const { cases, keySets } = readJson('../vectors/negative.json');
  const plain = cases.filter(
    (each: { verify?: string; keys: string; options: object; mandate: string }) =>
      each.verify === undefined &&
      each.keys === 'issuer' &&
      Object.keys(each.options).length === 0 &&
      !/[\n\r\ud800-\udfff]/.test(each.mandate),
  );
  expect(plain.length).toBeGreaterThan(350);
  writeFileSync(join(folder, 'issuer.json'), JSON.stringify(keySets.issuer));
  const input = plain.map(({ id, mandate }: { id: string; mandate: string }) =>
    JSON.stringify({ id, mandate }),
  );
  const { code, stdout } = await ap2pq(
    ['verify', '--lines', '--keys', join(folder, 'issuer.json'), '--summary', 'none'],
    { stdin: input.join('\n') },
  );
  expect(code).toBe(1);
  const expected = plain.map(({ id, expected }: { id: string; expected: { code: string } }) => [
    id,
    expected.code,
  ]);
  expect(verdictsOf(stdout).map(({ id, code }) => [id, code])).toEqual(expected);
});

test('the verdicts are those of verifyMandate', async () => {
  const input = [mandate, mandate.slice(0, -20), mandate.replace('~', 'x~')];
  const { stdout } = await inProcess(LINES, { stdin: input.join('\n') });
  const verdicts = verdictsOf(stdout);
  for (const [index, token] of input.entries()) {
    const outcome = await verifyMandate(token, publicKeys).catch((error) => error);
    const { verified, mandateId, identity, code } = verdicts[index];
    if (verified)
      expect({ mandateId, identity }).toMatchObject({
        mandateId: outcome.mandateId,
        identity: outcome.identity,
      });
    else expect(code).toBe(outcome.code);
  }
});

describe('streams', () => {
  test('whoever reads has enough: it ends, quietly', async () => {
    // An archive without an end: only a closed output ends it.
    const child = spawn(process.execPath, [PROGRAM, ...LINES]);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdin.on('error', () => {});
    const endless = Readable.from(
      (function* () {
        for (;;) yield 'damaged\n'.repeat(1000);
      })(),
    );
    endless.pipe(child.stdin);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.destroy();
    const code = await new Promise((resolve) => child.on('exit', resolve));
    endless.destroy();
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
  });

  test.skipIf(process.platform === 'win32')('a single verdict into a closed pipe: quiet too', async () => {
    const child = spawn('sh', ['-c', `"$0" "$@" | true`, process.execPath, PROGRAM, '--help']);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    await new Promise((resolve) => child.on('exit', resolve));
    expect(stderr).toBe('');
  });

  test('no more is read than is written: back-pressure', async () => {
    let read = 0;
    const source = Readable.from(
      (function* () {
        for (let n = 0; n < 5000; n++) {
          read += 1;
          yield Buffer.from('damaged\n');
        }
      })(),
      { highWaterMark: 1 },
    );
    const stdout = new PassThrough({ highWaterMark: 1024 });
    const done = run([...LINES, '--summary', 'none'], {
      stdin: source,
      stdout,
      stderr: new PassThrough(),
      env: {},
    });
    // Until verdicts are there, and then until nothing is read any more.
    while (stdout.readableLength === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    for (let [previous, quiet] = [-1, 0]; quiet < 10; previous = read) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      quiet = previous === read ? quiet + 1 : 0;
    }
    expect(read).toBeGreaterThan(10);
    // Some twenty verdicts fill the buffer, sixteen mandates are under way.
    expect(read).toBeLessThan(100);
    stdout.resume();
    expect(await done).toBe(1);
    expect(read).toBe(5000);
  });

  test('a source that breaks off: what came before has its verdict, and the run is 3', async () => {
    const source = Readable.from(
      (async function* () {
        yield Buffer.from('damaged\n');
        throw Object.assign(new Error('gone'), { code: 'EIO' });
      })(),
    );
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    expect(await run(LINES, { stdin: source, stdout, stderr, env: {} })).toBe(3);
    expect(verdictsOf(String(stdout.read()))).toHaveLength(1);
    expect(String(stderr.read())).toContain('EIO');
  });

  test('a line without an end is let go at the limit, and the next is read', async () => {
    const long = async function* () {
      for (let n = 0; n < 64; n++) yield new Uint8Array(1024).fill(0x61);
      yield Buffer.from('\nshort\r\n\nlast');
    };
    let bytes = 0;
    const lines = [];
    for await (const line of linesOf(long(), 2048, (count) => (bytes += count))) lines.push(line);
    expect(
      lines.map(({ bytes, isTooLong, number }) => [number, Buffer.from(bytes).toString(), isTooLong]),
    ).toEqual([
      [1, '', true],
      [2, 'short', false],
      [3, '', false],
      [4, 'last', false],
    ]);
    expect(bytes).toBe(64 * 1024 + 13);
  });

  test('a line that is too long is refused, and its limit is that of the mandate', async () => {
    const input = `${'x'.repeat(400_000)}\n${mandate}\n`;
    const { stdout } = await inProcess(LINES, { stdin: input });
    expect(verdictsOf(stdout)).toMatchObject([
      { line: 1, code: 'ERR_MANDATE_TOO_LARGE' },
      { line: 2, verified: true },
    ]);
  });

  test('a bar on a terminal alone', async () => {
    const archive = join(folder, 'archive.txt');
    writeFileSync(archive, 'damaged\n'.repeat(3000));
    expect((await inProcess([...LINES, archive])).stderr).not.toContain('\r');
    expect((await inProcess([...LINES, archive], { isTTY: true, env: { NO_COLOR: '1' } })).stderr).toMatch(
      /\r.*\[[#.]{24}\]/,
    );
  });
});
