// AWS KMS, as far as its documentation says what Sign and GetPublicKey accept and reject. Loopback only.
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { MlDsa65Spki } from './spki.js';

interface Key {
  readonly arn: string;
  readonly spec: string;
  readonly algorithms: readonly string[];
  readonly spki: Buffer;
  readonly sign: (message: Uint8Array, type: string) => Uint8Array;
}

/** The simulated faults and delays, set by the command. */
export interface AwsFaults {
  /** Answers that many requests with ThrottlingException. */
  throttle: number;
  /** Never answers. */
  hang: boolean;
  /** Answers with AccessDeniedException. */
  deny: boolean;
}

export interface AwsServer {
  readonly endpoint: string;
  readonly faults: AwsFaults;
  /** The content of every Sign request. */
  readonly signed: {
    readonly MessageType: string;
    readonly SigningAlgorithm: string;
    readonly bytes: number;
  }[];
  /** All requests, whatever their outcome. */
  requests(): number;
  /** Points an alias to a new key. */
  moveAlias(alias: string): void;
  close(): void;
}

class KmsError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}
const validation = (message: string) => new KmsError('ValidationException', message);

const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/';

function es256Key(id: string): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const scalar = Buffer.from((privateKey as KeyObject).export({ format: 'jwk' }).d as string, 'base64url');
  return {
    arn: ARN + id,
    spec: 'ECC_NIST_P256',
    algorithms: ['ECDSA_SHA_256'],
    spki: publicKey.export({ format: 'der', type: 'spki' }),
    sign: (message, type) => {
      if (type === 'EXTERNAL_MU') throw validation('EXTERNAL_MU is for ML-DSA keys');
      if (type === 'DIGEST' && message.length !== 32)
        throw validation('Digest is invalid length for algorithm ECDSA_SHA_256.');
      const digest = type === 'DIGEST' ? message : createHash('sha256').update(message).digest();
      return p256.sign(digest, scalar, { prehash: false, lowS: false, format: 'der' });
    },
  };
}

function mlDsa65Key(id: string): Key {
  const { publicKey, secretKey } = ml_dsa65.keygen();
  return {
    arn: ARN + id,
    spec: 'ML_DSA_65',
    algorithms: ['ML_DSA_SHAKE_256'],
    spki: MlDsa65Spki(publicKey),
    sign: (message, type) => {
      if (type === 'DIGEST') throw validation('MessageType DIGEST is not supported for ML_DSA_SHAKE_256.');
      if (type !== 'EXTERNAL_MU') return ml_dsa65.sign(message, secretKey);
      if (message.length !== 64)
        throw validation('The length of the Message must be 64 bytes for EXTERNAL_MU.');
      return ml_dsa65.internal.sign(message, secretKey, { externalMu: true });
    },
  };
}

export async function startAws(): Promise<AwsServer> {
  const keys = new Map<string, Key>([
    ['alias/es256', es256Key('es256-1')],
    ['alias/mldsa65', mlDsa65Key('mldsa65-1')],
  ]);
  const byArn = new Map([...keys.values()].map((key) => [key.arn, key]));
  const faults: AwsFaults = { throttle: 0, hang: false, deny: false };
  const signed: AwsServer['signed'] = [];
  let requests = 0;

  const answer = (target: string, input: Record<string, unknown>): object => {
    const keyId = input.KeyId;
    if (typeof keyId !== 'string' || keyId === '' || keyId.length > 2048) throw validation('KeyId');
    const key = keys.get(keyId) ?? byArn.get(keyId);
    if (key === undefined) throw new KmsError('NotFoundException', `Invalid keyId '${keyId}'`);
    if (target === 'TrentService.GetPublicKey')
      return {
        KeyId: key.arn,
        KeySpec: key.spec,
        KeyUsage: 'SIGN_VERIFY',
        PublicKey: key.spki.toString('base64'),
        SigningAlgorithms: key.algorithms,
      };
    if (target !== 'TrentService.Sign') throw new KmsError('UnknownOperationException', '');
    const { MessageType = 'RAW', SigningAlgorithm } = input as Record<string, string>;
    const message = Buffer.from(String(input.Message ?? ''), 'base64');
    if (message.length < 1 || message.length > 4096)
      throw validation(
        "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096",
      );
    if (!['RAW', 'DIGEST', 'EXTERNAL_MU'].includes(MessageType))
      throw validation("Value at 'messageType' failed to satisfy constraint");
    if (!key.algorithms.includes(String(SigningAlgorithm)))
      throw new KmsError(
        'InvalidKeyUsageException',
        `Algorithm ${SigningAlgorithm} is incompatible with key spec ${key.spec}.`,
      );
    const signature = key.sign(message, MessageType);
    signed.push({ MessageType, SigningAlgorithm: String(SigningAlgorithm), bytes: message.length });
    return { KeyId: key.arn, Signature: Buffer.from(signature).toString('base64'), SigningAlgorithm };
  };

  const server: Server = createServer(async (request, response) => {
    requests++;
    const text = await bodyOf(request);
    if (faults.hang) return;
    try {
      checkRequest(request);
      if (faults.throttle > 0) {
        faults.throttle--;
        throw new KmsError('ThrottlingException', 'Rate exceeded');
      }
      if (faults.deny) throw new KmsError('AccessDeniedException', 'not authorized to perform: kms:Sign');
      const target = String(request.headers['x-amz-target']);
      const body = JSON.stringify(answer(target, JSON.parse(text) as Record<string, unknown>));
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
    } catch (error) {
      if (!(error instanceof KmsError)) throw error;
      const body = JSON.stringify({ __type: error.type, message: error.message });
      response
        .writeHead(400, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': error.type })
        .end(body);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    faults,
    signed,
    requests: () => requests,
    moveAlias: (alias) => {
      const key = es256Key(`es256-${byArn.size}`);
      byArn.set(key.arn, key);
      keys.set(alias, key);
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The form of a request: AWS JSON 1.1, signed with Signature Version 4. The signature itself is not verified. */
function checkRequest({ method, headers }: IncomingMessage): void {
  if (method !== 'POST' || headers['content-type'] !== 'application/x-amz-json-1.1')
    throw new KmsError('SerializationException', '');
  const authorization = String(headers.authorization ?? '');
  const scope = String.raw`^AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/eu-central-1/kms/aws4_request, `;
  if (
    !new RegExp(`${scope}SignedHeaders=[a-z0-9;-]*x-amz-target[a-z0-9;-]*, Signature=[0-9a-f]{64}$`).test(
      authorization,
    )
  )
    throw new KmsError('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
  if (!/^\d{8}T\d{6}Z$/.test(String(headers['x-amz-date'])))
    throw new KmsError('IncompleteSignatureException', 'x-amz-date');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
