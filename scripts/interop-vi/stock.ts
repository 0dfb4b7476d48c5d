// Checks without another implementation: Python re-encodes each layer of ours, and a stock SD-JWT library reads it.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import { verifyPqSignature } from 'ap2-pq';
import { compare, type Outcome } from '../interop/cases.js';
import { startPeer } from '../interop-ap2/peer.js';
import { MODES, ourIntent, ourLegs } from './accepted.js';
import type { Parties } from './parties.js';

export async function stock(parties: Parties, python: string, script: string): Promise<Outcome[]> {
  const encoder = startPeer('encoder', false, python, script, process.env);
  const outcomes: Outcome[] = [];
  try {
    for (const mode of MODES) {
      for (const names of ['versioned', 'plain'] as const) {
        const immediate = await ourIntent(parties, names, mode, 'immediate');
        const intent = await ourIntent(parties, names, mode, 1);
        const { payment, checkout } = await ourLegs(parties, intent, names, mode);
        const layers: [string, string, Parties['user']][] = [
          ['layer 1', intent.layer1, parties.issuer],
          ['layer 2, immediate', immediate.layer2, parties.user],
          ['layer 2, autonomous', intent.layer2, parties.user],
          ["layer 2, the network's view", payment.layer2, parties.user],
          ["layer 2, the merchant's view", checkout.layer2, parties.user],
          ['L3a', payment.layer3 as string, parties.agent],
          ['L3b', checkout.layer3 as string, parties.agent],
        ];
        for (const [name, layer, signer] of layers) {
          const id = `${mode}, ${names}: ${name}`;
          const [jwt] = layer.split('~') as [string];
          const again = await encoder.get('encode', { jwt });
          outcomes.push(compare('the same bytes, encoded again', id, again.jwt, jwt));
          outcomes.push(compare('read by @sd-jwt/core', id, await readByStock(layer, signer), 'read'));
          if (mode !== 'ES256 alone') {
            const result = await verifyPqSignature(layer, signer.publicKeys).then(
              ({ quantumSafe }) => quantumSafe,
              (error: Error) => error.message,
            );
            outcomes.push(compare('quantum-safe by itself', id, result, true));
          }
        }
      }
    }
  } finally {
    await encoder.stop();
  }
  return outcomes;
}

/** RFC 9901 by a library that does not know Verifiable Intent, the signature by Node. */
async function readByStock(layer: string, { publicKeys }: Parties['user']): Promise<string> {
  const key = createPublicKey({ key: { ...publicKeys.es256 }, format: 'jwk' });
  const library = new SDJwtInstance({
    hasher: (data) => createHash('sha256').update(String(data)).digest(),
    verifier: (data: string, signature: string) =>
      verify(
        'sha256',
        Buffer.from(data),
        { key, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      ),
  });
  try {
    await library.verify(layer);
    return 'read';
  } catch (error) {
    return `${error}`;
  }
}
