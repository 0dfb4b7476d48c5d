// How the peers judge each other's chains. If they agree, the libraries alone are a fair substitute for the SDK.
import { compare, type Outcome } from '../interop/cases.js';
import { verifyThere } from './ours.js';
import { combinations, label, point } from './outcomes.js';
import { KINDS, type Parties } from './parties.js';
import type { Peer } from './peer.js';
import { issueTheirs } from './theirs.js';

const AXES = {
  kind: KINDS,
  binding: ['sd_hash', 'issuer_jwt_hash'],
  hops: [2, 3],
  decoys: [false, true],
  typ: ['kb+sd-jwt', 'kb-sd-jwt'],
} as const;

/** The chains of the others, verified by `peer` and by those who issued them. */
export async function amongPeers(peer: Peer, parties: Parties, peers: readonly Peer[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const issuer of peers.filter((other) => other !== peer)) {
    const group = `a chain of the ${issuer.name}: same as there`;
    for (const shape of combinations(AXES)) {
      if (issuer.isSdk && shape.typ === 'kb-sd-jwt') continue;
      const id = label(shape);
      const compared = async (): Promise<Outcome[]> => {
        const chain = await issueTheirs(issuer, parties, shape);
        const [own, other] = await Promise.all([
          verifyThere(issuer, chain, parties),
          verifyThere(peer, chain, parties),
        ]);
        return [compare(group, id, other, own), compare(group, `${id}: accepted`, own.error, undefined)];
      };
      outcomes.push(...(await point(group, id, compared)));
    }
  }
  return outcomes;
}
