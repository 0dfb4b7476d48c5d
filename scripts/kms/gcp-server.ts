// Cloud KMS over gRPC, with Google's own .proto files, as far as their comments say what AsymmetricSign and GetPublicKey accept
// and reject. Loopback only.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';

export const VERSIONS = 'projects/p/locations/europe-west3/keyRings/r/cryptoKeys';

/** The simulated faults and delays, set by the command. */
export interface GcpFaults {
  /** Answers that many requests with UNAVAILABLE. */
  unavailable: number;
  /** Never answers. */
  hang: boolean;
  /** A bit of the signature is flipped after its checksum was computed. */
  corrupt: boolean;
  /** The checksum of the request is lost in transit. */
  loseChecksum: boolean;
}

export interface GcpServer {
  readonly port: number;
  readonly faults: GcpFaults;
  readonly signed: { readonly algorithm: string; readonly field: string; readonly bytes: number }[];
  close(): void;
}

interface Request {
  readonly name: string;
  readonly publicKeyFormat: string;
  readonly digest: { readonly sha256?: Buffer; readonly digest?: string } | null;
  readonly digestCrc32c: { readonly value: string } | null;
  readonly data: Buffer;
  readonly dataCrc32c: { readonly value: string } | null;
}
type Reply = (error: { code: number; details: string } | null, value?: object) => void;
interface Call {
  readonly request: Request;
}

/** The parts of @grpc/grpc-js and @grpc/proto-loader that are used. They come with @google-cloud/kms. */
interface Grpc {
  Server: new () => {
    addService(service: object, handlers: Record<string, (call: Call, reply: Reply) => void>): void;
    bindAsync(address: string, credentials: object, done: (error: Error | null, port: number) => void): void;
    forceShutdown(): void;
  };
  ServerCredentials: { createInsecure(): object };
  loadPackageDefinition(definition: object): {
    google: { cloud: { kms: { v1: { KeyManagementService: { service: object } } } } };
  };
}
interface ProtoLoader {
  loadSync(file: string, options: object): object;
}

const [INVALID_ARGUMENT, NOT_FOUND, UNAVAILABLE] = [3, 5, 14];
class Status extends Error {
  readonly code: number;
  readonly details: string;

  constructor(code: number, details: string) {
    super(details);
    this.code = code;
    this.details = details;
  }
}
const invalid = (details: string) => new Status(INVALID_ARGUMENT, details);

/** CRC-32C with a table, independent of the loop in ap2-pq. */
const TABLE = Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});
export const crc32c = (bytes: Uint8Array): string =>
  String(
    ~bytes.reduce((crc, byte) => ((TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8)) >>> 0, 0xffffffff) >>>
      0,
  );

export async function startGcp(folder: URL): Promise<GcpServer> {
  const require = createRequire(new URL('package.json', folder));
  const grpc = require('@grpc/grpc-js') as Grpc;
  const loader = require('@grpc/proto-loader') as ProtoLoader;
  const protos = new URL('node_modules/@google-cloud/kms/build/protos/', folder).pathname;
  const common = new URL('node_modules/google-gax/build/protos/', folder).pathname;
  const definition = loader.loadSync('google/cloud/kms/v1/service.proto', {
    includeDirs: [protos, common],
    enums: String,
    longs: String,
    defaults: true,
    oneofs: true,
  });
  const { service } = grpc.loadPackageDefinition(definition).google.cloud.kms.v1.KeyManagementService;

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const scalar = Buffer.from((ec.privateKey as KeyObject).export({ format: 'jwk' }).d as string, 'base64url');
  const pem = ec.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const pq = ml_dsa65.keygen();
  const faults: GcpFaults = { unavailable: 0, hang: false, corrupt: false, loseChecksum: false };
  const signed: GcpServer['signed'] = [];
  const algorithms = new Map([
    [`${VERSIONS}/es256/cryptoKeyVersions/1`, 'EC_SIGN_P256_SHA256'],
    [`${VERSIONS}/mldsa65/cryptoKeyVersions/1`, 'PQ_SIGN_ML_DSA_65'],
    [`${VERSIONS}/mldsa65/cryptoKeyVersions/2`, 'PQ_SIGN_ML_DSA_65_EXTERNAL_MU'],
  ]);
  const algorithmOf = (name: string): string => {
    const algorithm = algorithms.get(name);
    if (algorithm === undefined) throw new Status(NOT_FOUND, `CryptoKeyVersion ${name} not found.`);
    return algorithm;
  };

  const getPublicKey = ({ name, publicKeyFormat }: Request): object => {
    const algorithm = algorithmOf(name);
    const isPq = algorithm.startsWith('PQ_');
    if (publicKeyFormat === 'PUBLIC_KEY_FORMAT_UNSPECIFIED') {
      if (isPq) throw invalid('public_key_format is required for PQC algorithms');
      return { name, algorithm, pem, pemCrc32c: { value: crc32c(Buffer.from(pem)) } };
    }
    if (publicKeyFormat !== 'NIST_PQC' || !isPq) throw invalid('public_key_format');
    const data = Buffer.from(pq.publicKey);
    return { name, algorithm, publicKeyFormat, publicKey: { data, crc32cChecksum: { value: crc32c(data) } } };
  };

  const asymmetricSign = ({ name, digest, data, digestCrc32c, dataCrc32c }: Request): object => {
    const algorithm = algorithmOf(name);
    const hash = digest?.digest === undefined ? undefined : (digest.sha256 ?? Buffer.alloc(0));
    if (hash !== undefined && data.length > 0) throw invalid('digest and data cannot both be given');
    if (hash !== undefined && digestCrc32c !== null && digestCrc32c.value !== crc32c(hash))
      throw invalid('The checksum in field digest_crc32c did not match the data in field digest.');
    if (dataCrc32c !== null && dataCrc32c.value !== crc32c(data))
      throw invalid('The checksum in field data_crc32c did not match the data in field data.');
    let signature: Uint8Array;
    if (algorithm === 'EC_SIGN_P256_SHA256') {
      if (hash?.length !== 32) throw invalid('digest.sha256 must be 32 bytes for EC_SIGN_P256_SHA256');
      signature = p256.sign(hash, scalar, { prehash: false, lowS: false, format: 'der' });
    } else {
      if (hash !== undefined || data.length === 0) throw invalid('data is required for PQ_SIGN_ML_DSA_65');
      signature = ml_dsa65.sign(data, pq.secretKey);
    }
    signed.push({ algorithm, field: hash ? 'digest.sha256' : 'data', bytes: (hash ?? data).length });
    const bytes = Buffer.from(signature);
    const checksum = crc32c(bytes);
    if (faults.corrupt) bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    return {
      name,
      signature: bytes,
      signatureCrc32c: { value: checksum },
      verifiedDigestCrc32c: !faults.loseChecksum && hash !== undefined && digestCrc32c !== null,
      verifiedDataCrc32c: !faults.loseChecksum && dataCrc32c !== null,
    };
  };

  const handler =
    (answer: (request: Request) => object) =>
    ({ request }: Call, reply: Reply): void => {
      if (faults.hang) return;
      try {
        if (faults.unavailable > 0) {
          faults.unavailable--;
          throw new Status(UNAVAILABLE, 'The service is currently unavailable.');
        }
        reply(null, answer(request));
      } catch (error) {
        if (!(error instanceof Status)) throw error;
        reply({ code: error.code, details: error.details });
      }
    };
  const server = new grpc.Server();
  server.addService(service, {
    getPublicKey: handler(getPublicKey),
    asymmetricSign: handler(asymmetricSign),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, faults, signed, close: () => server.forceShutdown() };
}
