import { strict as assert } from 'node:assert';
import { publicKeys } from './keys.js';
import { type Attempt, FLAGS, type Flag, type Making, merge, type NegativeCase } from './negative/case.js';
import { forgeChain } from './negative/chain.js';
import { forge } from './negative/forge.js';
import { GROUPS } from './negative/groups.js';
import { forgeKeyBindingJwt } from './negative/key-binding.js';
import { measurePeers, PEER_VERSIONS, type PeerOutcomes } from './negative/peers.js';
import { sectionsByRule } from './negative/rules.js';
import { codeOf } from './negative/verify.js';

/** A case in the form of vectors/negative.json. */
export interface NegativeVector extends Attempt {
  readonly id: string;
  readonly rule: string;
  readonly section: string;
  readonly comment: string;
  readonly flags: readonly Flag[];
  readonly expected: { readonly valid: false; readonly code: string };
  readonly peers: PeerOutcomes;
}

/** Public keys as JWKs; `null` if the verifier has none. */
export type KeySet = Attempt['keys'];

/** vectors/negative.json, its cases last. */
export interface NegativeFile {
  readonly peerVersions: typeof PEER_VERSIONS;
  readonly groups: Readonly<Record<string, string>>;
  readonly notes: typeof FLAGS;
  /** The keys of the cases, by name. */
  readonly keySets: Readonly<Record<string, KeySet>>;
  /** `keys` names one of the key sets. */
  readonly cases: readonly (Omit<NegativeVector, 'keys'> & { readonly keys: string })[];
}

/** Every case was rejected here with its code, and its control accepted. */
export async function negativeVectors(): Promise<NegativeFile> {
  const cases: NegativeVector[] = [];
  for (const { name, cases: ofGroup } of GROUPS) {
    for (const negativeCase of ofGroup) {
      assert(negativeCase.id.startsWith(`${name}/`), `${negativeCase.id} in group ${name}`);
      cases.push(await vector(negativeCase));
    }
  }
  const groups = Object.fromEntries(GROUPS.map(({ name, title }) => [name, title]));
  return { peerVersions: PEER_VERSIONS, groups, notes: FLAGS, ...namedKeys(cases) };
}

/** Each key set once, named after its only user or its first: most cases have the keys of `keys.json`, which are `issuer`. */
function namedKeys(cases: readonly NegativeVector[]): Pick<NegativeFile, 'keySets' | 'cases'> {
  const names = new Map([[JSON.stringify(publicKeys), 'issuer']]);
  const keySets: Record<string, KeySet> = { issuer: publicKeys };
  const named = cases.map(({ keys, ...each }) => {
    const text = JSON.stringify(keys);
    const name = names.get(text) ?? each.id;
    names.set(text, name);
    keySets[name] = keys;
    // As before: the keys are between the mandate and the options.
    const { id, rule, section, comment, flags, verify, mandate, ...rest } = each;
    const head = { id, rule, section, comment, flags, ...(verify !== undefined && { verify }), mandate };
    return { ...head, keys: name, ...rest };
  });
  return { keySets, cases: named };
}

const sections = sectionsByRule();

async function vector({
  id,
  rule,
  code,
  comment,
  flags,
  base,
  defect,
}: NegativeCase): Promise<NegativeVector> {
  await checkControl(id, flags, attempt(base ?? {}));
  const broken = attempt(merge(base ?? {}, defect));
  assert.equal(await codeOf(broken), code, id);
  const section = sections.get(rule);
  assert(section !== undefined, `${id}: SPEC.md has no ${rule}`);
  const expected = { valid: false as const, code };
  const peers = await measurePeers(broken);
  return { id, rule, section, comment, flags, ...broken, expected, peers };
}

/** A case that is rejected even without its defect would prove nothing. */
async function checkControl(id: string, flags: readonly Flag[], control: Attempt): Promise<void> {
  assert.equal(await codeOf(control), 'accepted', `${id}: the control`);
  const { jose, sdJwtCore } = await measurePeers(control);
  assert.equal(sdJwtCore, 'accepts', `${id}: the control, with @sd-jwt/core`);
  // jose sees no disclosures: a demanded claim that is in one is missing there.
  assert(jose === 'accepts' || flags.includes('disclosed-claim'), `${id}: the control, with jose`);
}

function attempt(making: Making): Attempt {
  const { edit = (mandate: string) => mandate, verify, keys, options = {} } = making;
  // The form in which the file is read: without undefined members.
  return JSON.parse(
    JSON.stringify({ verify, mandate: edit(textOf(making)), keys: { ...publicKeys, ...keys }, options }),
  );
}

function textOf({ verify, tokens, binding, ...forgery }: Making): string {
  if (tokens !== undefined) return forgeChain(tokens);
  if (binding !== undefined)
    return forge({ ...forgery, keyBindingJwt: (sdJwt) => forgeKeyBindingJwt(sdJwt, binding) });
  // A receipt or checkout is a JWT: no tilde follows it.
  return verify === 'receipt' || verify === 'checkoutJwt' ? forge(forgery).slice(0, -1) : forge(forgery);
}
