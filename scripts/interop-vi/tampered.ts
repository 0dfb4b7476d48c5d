// Chains that must be rejected, each for one change: always by us, and by others unless a reason is given.
import { type ViPresentation, verifyViMandates, verifyViPresentation } from 'ap2-pq/vi';
import { CASES, type Case } from '../../vectors/generate/vi/cases.js';
import { type Built, buildChain, draftOf } from '../../vectors/generate/vi/draft.js';
import type { Leg } from '../../vectors/generate/vi/parties.js';
import type { Outcome } from '../interop/cases.js';
import { ofTheirs } from './accepted.js';
import type { Parties } from './parties.js';
import type { ViPeer } from './peers.js';

/** A case that others accept, with the reason. */
export interface Explained {
  readonly id: string;
  readonly why: string;
  readonly peer: string;
}

/** Runs every case through both. Both must accept the unchanged chain, or the cases prove nothing. */
export async function tampered(
  peer: ViPeer,
  parties: Parties,
): Promise<{ outcomes: Outcome[]; explained: Explained[] }> {
  const outcomes: Outcome[] = [];
  const explained: Explained[] = [];
  const none = { rule: '', code: '', change: () => {} };
  const unchanged: Case[] = [
    { ...none, id: 'unchanged' },
    { ...none, id: 'unchanged, whole', whole: true },
    { ...none, id: 'unchanged, immediate', immediate: true },
  ];
  for (const each of [...unchanged, ...CASES]) {
    const isImmediate = each.immediate === true;
    const draft = draftOf(parties, peer.names === 'plain', isImmediate);
    each.change(draft);
    const chain = buildChain(draft, isImmediate);
    const isUnchanged = unchanged.includes(each);
    const ours = await oursOf(chain, each, parties);
    const theirs = await theirsOf(peer, chain, each, parties);
    const record = (group: string, failure?: string): void =>
      void outcomes.push({ group, id: each.id, failure });
    if (isUnchanged) {
      record(
        'unchanged, accepted',
        ours === 'accepted' && theirs === 'accepted' ? undefined : `${ours} here, ${theirs} there`,
      );
    } else if (ours !== each.code) record('changed, refused', `${ours} here, not ${each.code}`);
    else if (theirs !== 'accepted') record('changed, refused');
    else if (each.why !== undefined) {
      explained.push({ id: each.id, why: each.why, peer: peer.name });
      record('changed, refused here, accepted there');
    } else record('changed, refused', `accepted there; refused here for ${ours}`);
  }
  return { outcomes, explained };
}

/** Rejected if one leg is rejected: an attacker would show the accepted one. */
export async function oursOf(
  { layer1, layer2, legs }: Built,
  { whole }: Case,
  { issuer }: Parties,
): Promise<string> {
  const keys = { es256: issuer.publicKeys.es256 };
  const run = async (verify: () => Promise<unknown>): Promise<string> =>
    verify().then(
      () => 'accepted',
      (error: Error & { code?: string }) => `${error.code}`,
    );
  if (whole) return run(() => verifyViMandates({ layer1, layer2 }, keys, { policy: 'pq-optional' }));
  if (legs.length === 0)
    return run(() => verifyViPresentation({ layer1, layer2 }, keys, ofTheirs('network')));
  const [leg] = legs as [Leg];
  const verdicts = [
    await run(() =>
      verifyViPresentation({ layer1, ...leg.payment } as ViPresentation, keys, ofTheirs('network')),
    ),
    await run(() =>
      verifyViPresentation({ layer1, ...leg.checkout } as ViPresentation, keys, ofTheirs('merchant')),
    ),
  ];
  return verdicts.find((verdict) => verdict !== 'accepted') ?? 'accepted';
}

async function theirsOf(
  peer: ViPeer,
  { layer1, layer2, legs }: Built,
  { whole }: Case,
  { issuer }: Parties,
): Promise<string> {
  const key = issuer.publicKeys.es256;
  const views: [string, readonly Leg[]][] =
    whole || legs.length === 0
      ? [[layer2, []]]
      : legs.flatMap(({ payment, checkout }): [string, Leg[]][] => [
          [payment?.layer2 as string, [{ payment }]],
          [checkout?.layer2 as string, [{ checkout }]],
        ]);
  for (const [view, shown] of views) {
    const { valid, errors } = await peer.verify(layer1, view, shown, key);
    if (!valid) return errors.join('; ');
  }
  return 'accepted';
}
