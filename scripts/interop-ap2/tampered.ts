// Chains that ap2-pq rejects, and how a peer judges them. A classical verifier cannot detect that a post-quantum signature was
// removed. Anything else that a peer accepts is its own laxness, and counted as such.
import { compare, type Outcome } from '../interop/cases.js';
import { verifyHere, verifyThere } from './ours.js';
import { codeOf, point } from './outcomes.js';
import type { Parties } from './parties.js';
import type { Peer } from './peer.js';
import { changed } from './tampered-changed.js';
import { forged } from './tampered-forged.js';
import { missigned } from './tampered-missigned.js';

export async function tampered(peer: Peer, parties: Parties): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const kinds = [
    ['changed without a key', changed],
    ['signed by the holder, and wrong', missigned],
    ['signed with broken ES256 keys', forged],
  ] as const;
  for (const [kind, make] of kinds) {
    for (const { id, chain, code, acceptedBy = [], policy = 'pq-optional' } of await make(parties)) {
      const compared = async (): Promise<Outcome[]> => {
        const here = await codeOf(verifyHere(chain, parties, 'payment', policy));
        const { error } = await verifyThere(peer, chain, parties);
        const isAccepted = acceptedBy.includes(peer.name);
        return [
          compare(`${kind}: refused here`, id, here, code),
          compare(
            `${kind}: ${isAccepted ? 'ACCEPTED' : 'refused'} there`,
            id,
            error === undefined,
            isAccepted,
          ),
        ];
      };
      outcomes.push(...(await point(kind, id, compared)));
    }
  }
  return outcomes;
}
