// The JSON Schema (draft-07) of an evidence file.

const text = { type: 'string' } as const;
const dateTime = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z$' } as const;
const policy = { enum: ['pq-optional', 'pq-required', 'pq-only'] } as const;
const base64url = { type: 'string', pattern: '^[A-Za-z0-9_-]*$' } as const;
const jws = { type: 'string', pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$' } as const;

const closed = (properties: object, required: readonly string[]) =>
  ({ type: 'object', properties, required, additionalProperties: false }) as const;

/** A part: a value and the salt of its digest. */
const part = (value: object) => closed({ salt: { ...base64url, minLength: 22 }, value }, ['salt', 'value']);

const keys = {
  ...closed(
    {
      es256: { type: 'object', required: ['kty', 'crv', 'x', 'y'], not: { required: ['d'] } },
      mldsa65: { type: 'object', required: ['kty', 'alg', 'pub'], not: { required: ['priv'] } },
      thumbprints: closed({ es256: text, mldsa65: text }, []),
      source: text,
      fetchedAt: dateTime,
      document: text,
    },
    ['thumbprints', 'source', 'fetchedAt'],
  ),
  description:
    'Public keys of one party, their RFC 7638 thumbprints, where and when they were fetched, and the document.',
};

const signatureVerdict = {
  type: 'object',
  properties: {
    quantumSafe: { type: 'boolean' },
    signatures: { type: 'object' },
    keys: { type: 'object' },
    identity: text,
    mandateId: text,
  },
  required: ['quantumSafe', 'signatures', 'keys', 'identity'],
} as const;

const receiptReference = closed(
  {
    kind: { enum: ['payment', 'checkout'] },
    sd_hash: text,
    issuer_jwt_hash: text,
    iat: { type: 'number' },
  },
  ['kind', 'sd_hash', 'issuer_jwt_hash'],
);

const tokens = {
  token: { ...text, description: 'What was presented, without its disclosures: the sealed form.' },
  disclosures: {
    type: 'array',
    minItems: 1,
    items: { type: 'integer', minimum: 0 },
    description: 'How many disclosures each token had; each is a part of its own.',
  },
} as const;

const chain = closed(tokens, ['token', 'disclosures']);

const seal = closed(
  {
    of: {
      type: 'string',
      pattern:
        '^(presentation(\\.(checkout|payment))?|checkoutJwt|(receipts|status|taskResults)\\.\\d{1,4})$',
    },
    proofs: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', pattern: '^(c2sp\\.org/tlog-proof@v1\\n|\\{)' },
    },
    timeStamp: { ...base64url, description: 'TimeStampResp (RFC 3161) of the checkpoint in the last proof.' },
  },
  ['of', 'proofs'],
);

/** The JSON Schema of an evidence file, draft-07. {@link verifyEvidence} enforces it. */
export const EVIDENCE_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'ap2-pq evidence file, version 1',
  ...closed(
    {
      type: { const: 'ap2-pq/evidence/v1' },
      signature: { ...jws, description: 'JWS over the digests of the parts, by who made the file.' },
      parts: {
        type: 'object',
        properties: {
          presentation: part({
            oneOf: [
              closed({ kind: { enum: ['mandate', 'chain', 'direct'] }, ...tokens, usedAt: dateTime }, [
                'kind',
                'token',
                'disclosures',
                'usedAt',
              ]),
              {
                ...closed(
                  { kind: { const: 'purchase' }, checkout: chain, payment: chain, usedAt: dateTime },
                  ['kind', 'usedAt'],
                ),
                anyOf: [{ required: ['checkout'] }, { required: ['payment'] }],
              },
            ],
          }),
          checkoutJwt: part({
            ...jws,
            description: 'The merchant’s JWT of a purchase, where it was presented.',
          }),
          demands: part({
            type: 'object',
            description: 'The options of the verification; a Date is {"$date": …}.',
          }),
          verdict: part({
            type: 'object',
            properties: {
              policy,
              quantumSafe: { type: 'boolean' },
              tokens: { type: 'array', minItems: 1, items: signatureVerdict },
              keyBinding: signatureVerdict,
              checkoutJwt: signatureVerdict,
              receiptReference,
              receiptReferences: closed({ checkout: receiptReference, payment: receiptReference }, []),
              unchecked: { type: 'array', items: text },
            },
            required: ['policy', 'quantumSafe', 'tokens'],
            additionalProperties: false,
          }),
          keys: part(keys),
          credentialKeys: part(keys),
          merchantKeys: part(keys),
          holderKeys: part({ type: 'array', items: { type: 'object' } }),
          ledger: part({ description: 'What a ledger decided; any JSON.' }),
          retention: part(closed({ policy: text, retention_until: text }, ['policy', 'retention_until'])),
        },
        patternProperties: {
          '^disclosure\\.\\d{1,4}\\.\\d{1,4}$': part({ ...base64url, minLength: 1 }),
          '^status\\.\\d{1,4}$': part(closed({ uri: text, token: jws, keys, policy }, ['uri', 'token'])),
          '^receipts\\.\\d{1,4}$': part(
            closed(
              {
                token: jws,
                keys,
                issuer: text,
                reference: text,
                kind: { enum: ['payment', 'checkout'] },
                allowJwtType: { type: 'boolean' },
                policy,
              },
              ['token', 'keys'],
            ),
          ),
          '^taskResults\\.\\d{1,4}$': part(
            closed({ name: text, mediaType: text, content: base64url }, ['name', 'mediaType', 'content']),
          ),
          '^seals\\.\\d{1,4}$': part(seal),
        },
        required: ['presentation', 'demands', 'verdict', 'keys'],
        additionalProperties: false,
      },
    },
    ['type', 'signature', 'parts'],
  ),
} as const;
