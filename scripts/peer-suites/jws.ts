import { createPublicKey } from 'node:crypto';
import type { Es256PublicJwk } from 'ap2-pq';
import { type SuiteBuilder, verdictOf } from './case.js';
import { DEFAULT_LIMITS, policyRules, readJws, verifyJws } from './library.js';
import type { JwsCall } from './recorded.js';
import { isEs256, resigned } from './resign.js';
import { es256 } from './signer.js';

/** Errors about the other arguments of the test: not a verdict on the token. */
const ABOUT_THE_CALL =
  /^(InvalidKey|InvalidAlgorithmError|MissingKeyError|UnsupportedAlgorithmError|TypeError)|"algorithms" argument|detached_payload/;
const SIGNATURE = /^(InvalidSignatureError|BadSignatureError|InvalidJWSSignature)/;
const NO_ALG = /Algorithm not specified|MissingAlgorithm/;

const RULES = policyRules('pq-optional');

/** SPEC.md §6 steps 1 to 7, for a token without the post-quantum half. */
export function addJws(suite: SuiteBuilder, { test, token, spki, verified, detached, error }: JwsCall): void {
  const said = error === null ? '' : `${error.type}: ${error.message}`;
  if (detached || /'b64' is false|"b64" set to false/.test(said)) {
    suite.skip('a detached payload');
    return;
  }
  if (typeof token !== 'string' || token.trimStart().startsWith('{')) {
    suite.skip('JWS in JSON, or no text');
    return;
  }
  if (!verified && error === null) {
    suite.skip('parsed, and not verified');
    return;
  }
  if (said.startsWith('ExceededSizeError')) {
    suite.skip('a limit of the peer (SPEC.md §3.3 has its own)');
    return;
  }
  if (ABOUT_THE_CALL.test(said) && !NO_ALG.test(said)) {
    suite.skip('refused for the key or algorithm of the call, not for the token');
    return;
  }
  const isWhole = spki !== null && isEs256(token);
  if (!isWhole && SIGNATURE.test(said) && !said.includes('InvalidJWSObject')) {
    suite.skip('a signature of another algorithm that fails');
    return;
  }

  const key: Es256PublicJwk = isWhole
    ? (createPublicKey({ key: Buffer.from(spki, 'hex'), format: 'der', type: 'spki' }).export({
        format: 'jwk',
      }) as unknown as Es256PublicJwk)
    : es256;
  const judged = isWhole ? token : resigned(token);
  suite.add(test, {
    expected: error === null ? 'accept' : 'reject',
    judge: () =>
      verdictOf(async () => {
        await verifyJws(readJws(judged, DEFAULT_LIMITS), { es256: key }, RULES);
      }),
  });
}
