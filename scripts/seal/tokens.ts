// Records for measurements: half classical mandates, half quantum-safe ones, of realistic length. Each is one real mandate
// whose payload contains the number of the record: its signature does not verify, and sealing does not check it.

import { generateMandateKeys, signMandate } from 'ap2-pq';
import type { SealRecord } from 'ap2-pq/seal';

/** The plain data that a worker needs to make records. */
export interface Templates {
  /** Each token before and after its number. */
  readonly tokens: readonly (readonly [before: string, after: string])[];
  /** Bytes of a record, on average. */
  readonly bytes: number;
}

const DIGITS = 12;

export async function makeTemplates(): Promise<Templates> {
  const { privateKeys } = await generateMandateKeys();
  const claims = {
    iss: 'https://bank.example',
    amount: '125.00',
    currency: 'HKD',
    agent_id: 'did:web:agents.example.com:agent-tc1',
    valid_until: '2026-12-31T23:59:59Z',
    retention_metadata: { policy: 'HKMA-Cap615-7yr', retention_until: '2033-05-01T00:00:00.000Z' },
  };
  const full = await signMandate(claims, privateKeys);
  const [header = '', payload = '', signature = ''] = full.slice(0, -1).split('.');
  const classicalHeader = Buffer.from('{"alg":"ES256","kid":"bank-2026"}').toString('base64url');
  const cut = (jwtHeader: string): [string, string] => [`${jwtHeader}.${payload}`, `.${signature}~`];
  const tokens = [cut(classicalHeader), cut(header)];
  const bytes =
    tokens.reduce((sum, [before, after]) => sum + before.length + DIGITS + after.length, 0) / tokens.length;
  return { tokens, bytes };
}

/** The token of a record. Digits are base64url too. */
export function tokenOf({ tokens }: Templates, n: number): string {
  const [before, after] = tokens[n % tokens.length] as readonly [string, string];
  return before + String(n).padStart(DIGITS, '0') + after;
}

export function* recordsOf(templates: Templates, start: number, end: number): Generator<SealRecord> {
  for (let n = start; n < end; n++) yield { kind: 'mandate', token: tokenOf(templates, n) };
}
