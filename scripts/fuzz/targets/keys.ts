import { createPublicKey } from 'node:crypto';
import type { Library } from '../library.js';
import { oneOf, type Random } from '../random.js';
import { privateKeys, publicKeys, tokenVectors } from '../seeds.js';
import { bytesOf, Disagreement, latin1Of, type Target } from '../target.js';
import { mutateText } from '../text-mutations.js';

const USES = ['public', 'private', 'thumbprint', 'verify'] as const;
const FORMS = ['text', 'bytes', 'object'] as const;

/** One key of a pair, and the operation on it. The other key is valid. */
export type KeyInput = {
  readonly kind: 'es256' | 'mldsa65';
  readonly use: (typeof USES)[number];
  readonly form: (typeof FORMS)[number];
  /** Bytes, as U+0000 to U+00FF. */
  readonly key: string;
};

type AnyKeys = { es256: never; mldsa65: never };

/** Key import: JWK, PEM, DER, raw bytes and base64. An accepted key must also be a key for node:crypto. */
export const keysTarget = ({ api }: Library): Target<KeyInput> => ({
  name: 'keys',
  seeds: () => keySeeds(api),
  mutate: ({ kind, key }, other, random) => ({
    kind: random.int(8) === 0 ? other.kind : kind,
    use: oneOf(random, USES),
    form: oneOf(random, FORMS),
    key: mutateKey(key, other.key, random),
  }),
  run: async ({ kind, use, form, key }, call) => {
    const input = formOf(key, form);
    if (input === undefined) return;
    if (use === 'thumbprint') {
      await call(() => api.jwkThumbprint(input as never));
    } else if (use === 'private') {
      await call(() => api.importMandatePrivateKeys({ ...privateKeys, [kind]: input } as AnyKeys));
    } else if (use === 'public') {
      const keys = await call(() => api.importMandatePublicKeys({ ...publicKeys, [kind]: input } as AnyKeys));
      if (
        createPublicKey({ key: { ...keys.es256 }, format: 'jwk' }).asymmetricKeyDetails?.namedCurve !==
        'prime256v1'
      )
        throw new Disagreement('accepted a key that is not on P-256');
      if (Buffer.from(keys.mldsa65.pub, 'base64url').length !== 1952)
        throw new Disagreement('a key of another length');
    } else {
      const token = tokenVectors[0]?.mandate as string;
      await call(() => api.verifyMandate(token, { ...publicKeys, [kind]: input } as AnyKeys));
    }
  },
});

function formOf(key: string, form: KeyInput['form']): unknown {
  if (form === 'text') return key;
  if (form === 'bytes') return bytesOf(key);
  try {
    return JSON.parse(key);
  } catch {
    return undefined;
  }
}

async function keySeeds(api: Library['api']): Promise<KeyInput[]> {
  const pem = await api.exportMandateKeysToPem(privateKeys);
  const raw = await api.exportMandateKeysToRaw(privateKeys);
  const publicPem = await api.exportMandateKeysToPem(publicKeys);
  return (['es256', 'mldsa65'] as const).flatMap((kind) => {
    const texts = [
      JSON.stringify(privateKeys[kind]),
      JSON.stringify(publicKeys[kind]),
      pem[kind],
      publicPem[kind],
    ];
    const der = [pem[kind], publicPem[kind]].map((text) =>
      Buffer.from(text.replace(/-.*-|\s/g, ''), 'base64'),
    );
    const base64 = der.map((bytes) => bytes.toString('base64'));
    return [...texts, ...base64, ...[...der, raw[kind]].map(latin1Of)].map((key) => ({
      ...{ kind, key, use: 'public' as const, form: 'text' as const },
    }));
  });
}

/** Mutates the text, or for PEM and base64 the decoded content. */
function mutateKey(key: string, other: string, random: Random): string {
  const armour = /^(-----BEGIN [A-Z ]+-----\n?)?([A-Za-z0-9+/=\s]+)(-----END [A-Z ]+-----\s*)?$/.exec(key);
  if (armour === null || random.int(3) === 0) return mutateText(key, other, random);
  const [, begin = '', body = '', end = ''] = armour;
  const changed = mutateText(latin1Of(Buffer.from(body, 'base64')), other, random);
  return begin + Buffer.from(bytesOf(changed)).toString('base64') + (end && `\n${end}`);
}
