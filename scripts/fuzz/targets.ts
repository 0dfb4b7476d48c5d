import type { Library } from './library.js';
import type { Target } from './target.js';
import { base64urlTarget } from './targets/base64url.js';
import { chainTarget, chainTokenTarget } from './targets/chain.js';
import { decodeTarget } from './targets/decode.js';
import { disclosuresTarget } from './targets/disclosures.js';
import { jsonTarget } from './targets/json.js';
import { keySetsTarget } from './targets/key-sets.js';
import { keysTarget } from './targets/keys.js';
import { signTarget } from './targets/sign.js';
import { statusListTarget } from './targets/status-list.js';
import { tokenTarget } from './targets/token.js';
import { verifyTarget } from './targets/verify.js';

/** Every target. To add one, add a file beside these and a line here. */
const TARGETS = [
  decodeTarget,
  tokenTarget,
  verifyTarget,
  disclosuresTarget,
  signTarget,
  jsonTarget,
  base64urlTarget,
  keysTarget,
  keySetsTarget,
  statusListTarget,
  chainTarget,
  chainTokenTarget,
];

export const targetsOf = (library: Library): Target[] =>
  TARGETS.map((make) => make(library) as unknown as Target);
