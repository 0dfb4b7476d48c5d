/// <reference types="node" />
import { generateMandateKeys } from '../keys/generate.js';
import { signMandate } from '../mandate/sign.js';
import { verifyMandate } from '../mandate/verify.js';
import type { BackEndName } from '../primitives/back-end.js';
import { forceBackEnd, getBackEnds } from '../primitives/select.js';
import { DEFAULT_LIMITS } from '../profile.js';
import type { Command } from './command.js';
import { usage } from './errors.js';
import { reportOf } from './render.js';
import { table } from './terminal.js';
import { version } from './version.js';

const BACK_ENDS: readonly BackEndName[] = ['node', 'webcrypto', 'noble'];
const MODES = ['ML-DSA-65', 'ES256+ML-DSA-65'] as const;
/** Optional packages. */
const OPTIONAL = ['pkijs', 'asn1js'];

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export const doctor: Command = {
  operands: '',
  options: {},
  async run(_io, given) {
    if (given.operands.length > 0) usage('operands', 'doctor takes no operand');
    const chosen = await getBackEnds();
    const available = await availableBackEnds();
    const checks: Check[] = [];
    for (const mode of MODES) checks.push(await roundTrip(mode));
    const packages = Object.fromEntries(
      await Promise.all(OPTIONAL.map(async (name) => [name, await isInstalled(name)] as const)),
    );
    const ok = checks.every((check) => check.ok);
    return {
      ok,
      result: {
        version: version(),
        runtime: { node: process.versions.node, openssl: process.versions.openssl ?? null },
        platform: `${process.platform} ${process.arch}`,
        time: new Date().toISOString(),
        backEnds: { chosen, available },
        checks,
        limits: DEFAULT_LIMITS,
        optionalPackages: packages,
      },
      people: (style) =>
        table([
          ['ap2-pq', version()],
          ['Node', `${process.versions.node}, OpenSSL ${process.versions.openssl ?? 'none'}`],
          ['platform', `${process.platform} ${process.arch}`],
          ['clock', new Date().toISOString()],
          ['ES256', `${chosen.es256}  of ${available.es256.join(', ')}`],
          ['ML-DSA-65', `${chosen.mldsa65}  of ${available.mldsa65.join(', ')}`],
          ...(chosen.mldsa65 === 'noble'
            ? [
                [
                  '',
                  style.warn('ML-DSA-65 in JavaScript: slower than Node 24.7, and not in constant time'),
                ] as const,
              ]
            : []),
          ...checks.map(
            (check) =>
              [
                check.name,
                `${check.ok ? style.good('works') : style.bad('FAILS')}  ${check.detail}`,
              ] as const,
          ),
          ...Object.entries(DEFAULT_LIMITS).map(([name, limit]) => [name, String(limit)] as const),
          ...Object.entries(packages).map(
            ([name, found]) =>
              [
                name,
                found ? 'installed' : 'not installed; only time stamps and certificates need it',
              ] as const,
          ),
        ]),
    };
  },
};

async function availableBackEnds() {
  const found = { es256: [] as BackEndName[], mldsa65: [] as BackEndName[] };
  for (const name of BACK_ENDS) {
    for (const primitive of ['es256', 'mldsa65'] as const) {
      try {
        await forceBackEnd({ [primitive]: name });
        found[primitive].push(name);
      } catch {
        // This runtime does not offer it.
      }
    }
  }
  await forceBackEnd();
  return found;
}

async function roundTrip(mode: (typeof MODES)[number]): Promise<Check> {
  const name = `sign and verify ${mode}`;
  try {
    const { privateKeys, publicKeys } = await generateMandateKeys();
    const start = performance.now();
    const mandate = await signMandate({ iss: 'https://doctor.example' }, privateKeys, { pqAlg: mode });
    await verifyMandate(mandate, publicKeys);
    return { name, ok: true, detail: `${Math.round(performance.now() - start)} ms` };
  } catch (error) {
    return { name, ok: false, detail: reportOf(error).code };
  }
}

const isInstalled = (name: string): Promise<boolean> =>
  import(name).then(
    () => true,
    () => false,
  );
