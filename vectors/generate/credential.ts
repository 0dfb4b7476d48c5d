// vectors/credential.json: valid chains of SPEC.md §10.12, and those that must be rejected.
import { strict as assert } from 'node:assert';
import { chainVectors } from './chains.js';
import { credentialCases } from './credential-cases.js';
import { issuer, provider } from './keys.js';
import { type Attempt, type Making, merge } from './negative/case.js';
import { forgeChain } from './negative/chain.js';
import { credentialNegatives } from './negative/credential.js';
import { sectionsByRule } from './negative/rules.js';
import { codeOf } from './negative/verify.js';

/** The vectors, and the cases, which come last. */
export async function credentialVectors(): Promise<{ head: object; cases: object[] }> {
  const sections = sectionsByRule();
  const cases: object[] = [];
  for (const { id, rule, code, comment, base, defect } of credentialNegatives) {
    assert.equal(await codeOf(attempt(base)), 'accepted', `${id}: the control`);
    const broken = attempt(merge(base, defect));
    assert.equal(await codeOf(broken), code, id);
    const section = sections.get(rule);
    assert(section !== undefined, `${id}: SPEC.md has no ${rule}`);
    cases.push({ id, rule, section, comment, ...named(broken), expected: { valid: false, code } });
  }
  return { head: { vectors: await chainVectors(await credentialCases()) }, cases };
}

/** The keys by their names in chains.json, so that they are not repeated in every case. */
function named({ verify, mandate, keys, options }: Attempt): object {
  const { keys: ofCredential, ...credential } = (options.credential ?? {}) as { keys?: object };
  return {
    verify,
    mandate,
    keys: nameOf(keys),
    ...(ofCredential && { credentialKeys: nameOf(ofCredential) }),
    options: ofCredential ? { ...options, credential } : options,
  };
}

function nameOf(keys: object): string {
  const [name] = Object.entries({ issuer, provider }).find(
    ([, { publicKeys }]) => JSON.stringify(publicKeys) === JSON.stringify(keys),
  ) as [string, unknown];
  return name;
}

/** The form in which the file is read: without undefined members. */
function attempt({ tokens = {}, verify, edit = (text) => text, keys, options }: Making): Attempt {
  return JSON.parse(JSON.stringify({ verify, mandate: edit(forgeChain(tokens)), keys, options }));
}
