export type {
  Es256PrivateKey,
  Es256PublicJwk,
  ExternalSigner,
  MlDsa65PrivateKey,
  MlDsa65PublicJwk,
} from '../keys/types.js';
export type { CheckedPublicKeys, CheckedSigners, CheckSignersOptions } from './check.js';
export { checkSigners } from './check.js';
export { es256FromDer } from './ecdsa.js';
