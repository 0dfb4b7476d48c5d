import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { open as openFile, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createFileStore } from '../../src/seal/file-store.js';
import { auditSealLog, verifySeal } from '../../src/seal/index.js';
import { expectCode } from '../support.js';
import { logOf, open, POLICY, published, record, records } from './support.js';

const root = mkdtempSync(join(tmpdir(), 'ap2-pq-seal-'));
afterAll(() => rm(root, { recursive: true, force: true }));
let made = 0;
const folder = (): string => join(root, String(made++));
const dist = (file: string): string => new URL(`../../dist/${file}`, import.meta.url).href;

test('the files are those of C2SP tlog-tiles, as a web server serves them', async () => {
  const path = folder();
  const log = await open(createFileStore(path));
  await log.appendAll(records(300));
  await log.commit();
  await log.close();
  const { store } = await logOf(300);
  for (const [name, bytes] of published(store))
    expect(readFileSync(join(path, name))).toEqual(Buffer.from(bytes));
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files).toHaveLength(store.entries.size);
});

test('a log in files goes on after it was closed, and its partial tiles go when they are full', async () => {
  const path = folder();
  for (let n = 0; n < 600; n += 100) {
    const log = await open(createFileStore(path));
    await log.appendAll(records(100, n));
    await log.commit();
    await log.close();
  }
  expect((await auditSealLog(createFileStore(path), POLICY)).size).toBe(600);
  expect(readdirSync(join(path, 'tile', '0'))).toEqual(['000', '001', '002.p']);
  const log = await open(createFileStore(path));
  await verifySeal(record(599), await log.prove(599), POLICY);
  await log.close();
});

test('what an interrupted write has left beside its place is removed', async () => {
  const path = folder();
  const log = await open(createFileStore(path));
  await log.appendAll(records(3));
  await log.commit();
  await log.close();
  const uuid = randomUUID();
  const mine = [`checkpoint.writing-${uuid}`, 'docs/000.writing-1', 'tile/0/notes.writing-style.txt'];
  mine.push(`docs/000.writing-${uuid}`, 'tile/0/000.writing-1', `tile/0/x.writing-${uuid}`);
  mine.push(`writing-${uuid}`, `tile/entries/000.writing-${uuid}.txt`, `checkpoint.txt.writing-${uuid}`);
  const [temporary, ...others] = mine as [string, ...string[]];
  mkdirSync(join(path, 'docs'));
  const left = [temporary, `checkpoint.next.writing-${uuid}`, `writer.writing-${uuid}`];
  left.push(`lock.writing-${uuid}`, `lock.removing-${'0'.repeat(32)}`);
  left.push(`lock.removing-${'0'.repeat(32)}.writing-${uuid}`);
  left.push(`tile/0/000.writing-${uuid}`, `tile/entries/000.p/3.writing-${uuid}`);
  for (const name of [...others, ...left]) writeFileSync(join(path, name), 'half');
  await (await open(createFileStore(path))).close();
  expect(left.filter((name) => existsSync(join(path, name)))).toEqual([]);
  // And nothing that the store did not make.
  expect(others.filter((name) => !existsSync(join(path, name)))).toEqual([]);
});

test('a checkpoint that was torn is repaired from the one that was written before it (R17.13)', async () => {
  for (const torn of ['', 'archive.bank.example/2026\n30']) {
    const path = folder();
    const log = await open(createFileStore(path));
    await log.appendAll(records(300));
    const checkpoint = await log.commit();
    await log.close();
    writeFileSync(join(path, 'checkpoint'), torn);
    const again = await open(createFileStore(path));
    expect(again.checkpoint).toBe(checkpoint);
    await again.append(record(300));
    await again.commit();
    await again.close();
    expect((await auditSealLog(createFileStore(path), POLICY)).size).toBe(301);
  }
});

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

describe('a second writer is refused', () => {
  const holder = {
    token: 'x',
    host: hostname(),
    boot: existsSync(BOOT_ID) ? readFileSync(BOOT_ID, 'utf8').trim() : '',
    namespace: existsSync('/proc/self/ns/pid') ? readlinkSync('/proc/self/ns/pid') : '',
    pid: process.pid,
    startedAt: 0,
    startedAfterBoot: -1e9,
  };

  test.each([0, 3_600_000, -3_600_000])(
    'in the same thread, and in another thread, also after the clock was set by %s ms',
    async (step) => {
      const path = folder();
      const log = await open(createFileStore(path));
      await expectCode(open(createFileStore(path)), 'ERR_SEAL_LOG_LOCKED');
      const code = `
      import { workerData, parentPort } from 'node:worker_threads';
      const now = Date.now;
      Date.now = () => now() + ${step};
      const { createFileStore } = await import(workerData.store);
      parentPort.postMessage(await createFileStore(workerData.path).lock().then(() => 'locked', (error) => error.code));`;
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
        workerData: { path, store: dist('seal/file-store.js') },
      });
      const [answer] = await once(worker, 'message');
      expect(answer).toBe('ERR_SEAL_LOG_LOCKED');
      await worker.terminate();
      await log.close();
      await (await open(createFileStore(path))).close();
    },
  );

  test('of another process; and the lock of a process that was killed is taken over', async () => {
    const path = folder();
    const code = `
      const { createFileStore } = await import(${JSON.stringify(dist('seal/file-store.js'))});
      await createFileStore(${JSON.stringify(path)}).lock();
      console.log('locked');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await expectCode(open(createFileStore(path)), 'ERR_SEAL_LOG_LOCKED');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const log = await open(createFileStore(path));
    await log.close();
  });

  test('of another machine, of which nobody here knows whether it is alive', async () => {
    const path = folder();
    await (await open(createFileStore(path))).close();
    writeFileSync(join(path, 'lock'), JSON.stringify({ ...holder, host: `${hostname()}-other` }));
    const other = await expectCode(open(createFileStore(path)), 'ERR_SEAL_LOG_LOCKED');
    expect(other.message).toContain(`process ${process.pid} on the machine ${hostname()}-other`);
    writeFileSync(join(path, 'lock'), '');
    await expectCode(open(createFileStore(path)), 'ERR_SEAL_LOG_LOCKED');
    writeFileSync(join(path, 'lock'), '{"token":"x","host":');
    const torn = await expectCode(open(createFileStore(path)), 'ERR_SEAL_LOG_LOCKED');
    expect(torn.message).toContain(`delete the file ${join(path, 'lock')}`);
    expect(torn.message).toContain('cannot be read');
    // What the message says helps.
    rmSync(join(path, 'lock'));
    await (await open(createFileStore(path))).close();
  });

  test('of another container with the name of this machine', async () => {
    const path = folder();
    await (await open(createFileStore(path))).close();
    // No process has this number here.
    const elsewhere = { ...holder, namespace: 'pid:[1]', pid: 2 ** 30 };
    writeFileSync(join(path, 'lock'), JSON.stringify(elsewhere));
    const error = await expectCode(open(createFileStore(path)), 'ERR_SEAL_LOG_LOCKED');
    expect(error.message).toContain('PID namespace');
    writeFileSync(join(path, 'lock'), JSON.stringify({ ...elsewhere, namespace: holder.namespace }));
    await (await open(createFileStore(path))).close();
  });

  test('but not by a process before this one that had the same number', async () => {
    const path = folder();
    await (await open(createFileStore(path))).close();
    writeFileSync(join(path, 'lock'), JSON.stringify(holder));
    await (await open(createFileStore(path))).close();
  });

  test('of another machine with this name, or of this one before it was restarted (R17.25)', async () => {
    const path = folder();
    await (await open(createFileStore(path))).close();
    // No process has this number here, but one may have it there.
    const elsewhere = { ...holder, boot: randomUUID(), pid: 2 ** 30 };
    writeFileSync(join(path, 'lock'), JSON.stringify(elsewhere));
    const error = await expectCode(open(createFileStore(path)), 'ERR_SEAL_LOG_LOCKED');
    expect(error.message).toContain('before this machine was restarted, or on a copy of it');
    writeFileSync(join(path, 'lock'), JSON.stringify({ ...elsewhere, boot: holder.boot }));
    await (await open(createFileStore(path))).close();
  });

  test.each([
    ['a time that is none', { startedAt: 1e20 }],
    ['no process', { pid: 0 }],
    ['a group of processes', { pid: -1 }],
    ['no boot id', { boot: undefined }],
  ])('by a lock with %s', async (_, change) => {
    const path = folder();
    await (await open(createFileStore(path))).close();
    writeFileSync(join(path, 'lock'), JSON.stringify({ ...holder, host: 'other', ...change }));
    const error = await expectCode(open(createFileStore(path)), 'ERR_SEAL_LOG_LOCKED');
    expect(error.message).toContain('cannot be read');
  });

  /** A process with this number does not exist. */
  const dead = (token: string) => ({ ...holder, token, pid: 2 ** 30 });
  const guard = (token: string) =>
    `lock.removing-${createHash('sha256').update(token).digest('hex').slice(0, 32)}`;

  test('while another process replaces a stale lock, but not after that one was killed', async () => {
    const path = folder();
    await (await open(createFileStore(path))).close();
    const write = (name: string, content: object) => writeFileSync(join(path, name), JSON.stringify(content));
    write('lock', dead('first'));
    write(guard('first'), dead('second'));
    write(guard('second'), { ...dead('third'), pid: process.ppid });
    const error = await expectCode(open(createFileStore(path)), 'ERR_SEAL_LOG_LOCKED');
    expect(error.message).toContain(guard('second'));
    write(guard('second'), dead('third'));
    const log = await open(createFileStore(path));
    expect(readdirSync(path)).toEqual(['lock']);
    await log.close();
    expect(readdirSync(path)).toEqual([]);
  });

  test('by guards in a circle, without waiting for ever', async () => {
    const path = folder();
    await (await open(createFileStore(path))).close();
    for (const name of ['lock', guard('first')])
      writeFileSync(join(path, name), JSON.stringify(dead('first')));
    await expectCode(open(createFileStore(path)), 'ERR_SEAL_LOG_LOCKED');
  });

  test('by a lock that has its holder from the beginning: a crash leaves no empty one', async () => {
    const path = folder();
    await (await open(createFileStore(path))).close();
    const handle = await openFile(join(path, 'x'), 'w');
    const crash = vi
      .spyOn(Object.getPrototypeOf(handle), 'writeFile')
      .mockRejectedValueOnce(new Error('killed'));
    await handle.close();
    await expectCode(open(createFileStore(path)), 'ERR_SEAL_STORE_FAILED');
    expect(crash).toHaveBeenCalled();
    crash.mockRestore();
    await (await open(createFileStore(path))).close();
  });

  test('once, where several find the lock of a process that is gone', async () => {
    for (let round = 0; round < 10; round++) {
      const path = folder();
      mkdirSync(path);
      writeFileSync(join(path, 'lock'), JSON.stringify(dead('first')));
      const found = await Promise.allSettled(
        Array.from({ length: 8 }, async () => createFileStore(path).lock?.()),
      );
      expect(found.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const each of found)
        if (each.status === 'rejected') expect(each.reason.code).toBe('ERR_SEAL_LOG_LOCKED');
    }
  });

  test('who has lost the lock cannot commit', async () => {
    const path = folder();
    const log = await open(createFileStore(path));
    await log.append(record(0));
    writeFileSync(join(path, 'lock'), JSON.stringify({ token: 'other' }));
    await expectCode(log.commit(), 'ERR_SEAL_LOG_LOCKED');
  });
});

test('a process that is killed while it writes loses nothing of what it said it had committed', async () => {
  const path = folder();
  const code = `
    const { createFileStore } = await import(${JSON.stringify(dist('seal/file-store.js'))});
    const { openSealLog, createCheckpointSigner } = await import(${JSON.stringify(dist('seal/index.js'))});
    const { readFileSync } = await import('node:fs');
    const keys = JSON.parse(readFileSync(new URL(${JSON.stringify(new URL('../../vectors/keys.json', import.meta.url).href)})));
    const origin = ${JSON.stringify(POLICY.origin)};
    const signers = [];
    for (const key of [keys.privateKeys.mldsa65, keys.privateKeys.es256]) signers.push(await createCheckpointSigner(origin, key));
    const log = await openSealLog(createFileStore(${JSON.stringify(path)}), { origin, signers, now: () => ${Number(POLICY.currentDate)} });
    const b = (text) => Buffer.from(text).toString('base64url');
    for (let n = log.size; ; n++) {
      await log.append({ kind: 'mandate', token: b('{"alg":"ES256"}') + '.' + b('{"n":' + n + '}') + '.' + b('signature ' + n) + '~' });
      if (n % 37 === 0) { await log.commit(); console.log(n + 1); }
    }`;
  let committed = 0;
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      // At once, that is while the next commits are being written.
      if (output.split('\n').length > 5 + round) child.kill('SIGKILL');
    });
    await once(child, 'close');
    committed = Math.max(committed, ...output.split('\n').slice(0, -1).map(Number));
    const audited = await auditSealLog(createFileStore(path), POLICY);
    expect(audited.size).toBeGreaterThanOrEqual(committed);
  }
  expect(committed).toBeGreaterThan(100);
  const log = await open(createFileStore(path));
  for (const index of [0, committed - 1]) await verifySeal(record(index), await log.prove(index), POLICY);
  await log.close();
});

test('options and folders that are none are refused', async () => {
  await expectCode((async () => createFileStore(''))(), 'ERR_MANDATE_ARGUMENT_INVALID');
  await expectCode(
    (async () => createFileStore('x', { durability: 'some' as never }))(),
    'ERR_MANDATE_ARGUMENT_INVALID',
  );
});
