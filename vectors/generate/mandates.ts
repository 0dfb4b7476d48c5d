// The mandates of the test vectors (SPEC.md §11), as JSON text: TC3 distinguishes parsers by the number 1.10.

export interface TestCase {
  readonly id: string;
  readonly comment: string;
  readonly mandate: string;
  /** Bytes of the JCS form. */
  readonly jcsBytes: number;
  /** SHA-256 of the JCS form, if revision 01 published it. */
  readonly publishedFingerprint?: string;
  /** What the token-level vector makes selectively disclosable. */
  readonly disclosureFrame?: object;
  /** The test case whose signatures are attached to this mandate; every verification must then fail. */
  readonly signaturesOf?: string;
}

const TC1 =
  '{"agent_id":"did:web:agents.example.com:agent-tc1","amount":"125.00","currency":"HKD",' +
  '"nonce":"6b86b273ff34fce19d6b804eff5a3f57","recipient":"did:web:seniordeli.com:payee:main"}';

export const testCases: readonly TestCase[] = [
  {
    id: 'TC1',
    comment: 'Minimal mandate. At token level the recipient is selectively disclosable.',
    mandate: TC1,
    jcsBytes: 177,
    publishedFingerprint: '8617d93f851c2a1fb72f49c90a27e874666fd0c98b4992809d55eec6ef1da539',
    disclosureFrame: { _sd: ['recipient'] },
  },
  {
    id: 'TC2',
    comment:
      'Array order is kept, whatever the names at the end of each payee_id suggest. At token level each payee is ' +
      'selectively disclosable, with one decoy after them.',
    mandate:
      '{"agent_id":"did:web:agents.example.com:agent-tc2","currency":"HKD","nonce":"d4735e3a265e16eee03f59718b9b5d03",' +
      '"payee_constraints":[{"payee_id":"did:web:airwallex.com:merchant:aw_zzzlast"},' +
      '{"payee_id":"did:web:stripe.com:merchant:acct_aaafirst"},{"payee_id":"did:web:wise.com:account:P999middle"}],' +
      '"spend_cap":50000}',
    jcsBytes: 316,
    publishedFingerprint: 'f447cb36ee1fe1dbbecbf5961bcb8ae7038a4881a84912bfc89809d998b07e01',
    disclosureFrame: { payee_constraints: { _sd: [0, 1, 2], _sd_decoy: 1 } },
  },
  {
    id: 'TC3',
    comment:
      'The number 1.10 is serialized as 1.1 (RFC 8785 §3.2.2.3). At token level nothing is disclosable.',
    mandate:
      '{"agent_id":"did:web:agents.example.com:agent-tc3","currency":"USD","nonce":"4b227777d4dd1fc61c6f884f48641d02",' +
      '"recipient":"did:web:payee.example.com:acct-001","spend_cap":1.10}',
    jcsBytes: 176,
  },
  {
    id: 'TC4',
    comment:
      'Seven years of retention, nested members, as of revision 01. At token level two members and one nested member ' +
      'are selectively disclosable.',
    mandate:
      '{"agent_id":"did:web:agents.example.com:agent-tc4","amount":"88000.00","currency":"HKD",' +
      '"issued_at":"2026-05-01T00:00:00.000Z",' +
      '"nonce":"ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d","pq_algorithm":"ML-DSA-65",' +
      '"pq_canonicalization":"JCS","pq_pubkey_ref":"did:web:keys.pqsafe.io#mldsa65-2026",' +
      '"recipient":"did:web:seniordeli.com:payee:main","retention_metadata":{"policy":"HKMA-Cap615-7yr",' +
      '"retention_until":"2033-05-01T00:00:00.000Z"}}',
    jcsBytes: 454,
    disclosureFrame: { _sd: ['amount', 'recipient'], retention_metadata: { _sd: ['policy'] } },
  },
  {
    id: 'TC4-rev02',
    comment:
      'TC4 as revision 02 shows it, without the pq_ members and with another recipient. At token level the retention ' +
      'metadata is disclosable as a whole and, inside its disclosure, member by member; two decoys at the top.',
    mandate:
      '{"agent_id":"did:web:agents.example.com:agent-tc4","amount":"88000.00","currency":"HKD",' +
      '"issued_at":"2026-05-01T00:00:00.000Z",' +
      '"nonce":"ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d",' +
      '"recipient":"did:web:payee.example.com:main","retention_metadata":{"policy":"HKMA-Cap615-7yr",' +
      '"retention_until":"2033-05-01T00:00:00.000Z"}}',
    jcsBytes: 342,
    disclosureFrame: {
      _sd: ['retention_metadata'],
      _sd_decoy: 2,
      retention_metadata: { _sd: ['policy', 'retention_until'] },
    },
  },
  {
    id: 'TC5',
    comment: 'TC1 with one cent more, under the signatures of TC1: every verification must fail.',
    mandate: TC1.replace('125.00', '125.01'),
    jcsBytes: 177,
    disclosureFrame: { _sd: ['recipient'] },
    signaturesOf: 'TC1',
  },
];
