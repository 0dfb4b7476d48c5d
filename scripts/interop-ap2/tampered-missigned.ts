// Chains rightly signed with the classical keys that they name, and wrong in another way.
import { disclosureOf, type Forgery, forge, join, sdHashOf } from './forge.js';
import { AUDIENCE, classical, digest, NONCE, type Parties } from './parties.js';
import { EVERYONE, type Tampered } from './tampered-case.js';

export async function missigned(parties: Parties): Promise<Tampered[]> {
  const { bank, agent, provider, open, closed } = parties;
  const now = Math.floor(Date.now() / 1000);
  const mandate = open('payment', classical(agent));
  const hopClaims = { iat: now, aud: AUDIENCE, nonce: NONCE };
  const rootOf = (forgery: Partial<Forgery>): Promise<string> =>
    forge({ key: bank.privateKeys.es256, elements: [mandate], ...forgery });
  const hopOf = (root: string, forgery: Partial<Forgery>, claims: object = sdHashOf(root)): Promise<string> =>
    forge({
      key: agent.privateKeys.es256,
      typ: 'kb+sd-jwt',
      elements: [closed.payment],
      ...forgery,
      claims: { ...hopClaims, ...claims },
    });
  const root = await rootOf({});
  const withRoot = async (forgery: Partial<Forgery>): Promise<string> => {
    const forged = await rootOf(forgery);
    return join(forged, await hopOf(forged, {}));
  };
  const withHop = async (forgery: Partial<Forgery>, claims?: object): Promise<string> =>
    join(root, await hopOf(root, forgery, claims));
  const { sd_hash } = sdHashOf(root);
  const issuer_jwt_hash = digest(root.split('~')[0] as string);

  const hidden = disclosureOf(mandate.constraints[1]);
  const constraints = mandate.constraints.toSpliced(1, 1, { '...': digest(hidden) } as never);
  const inTheMiddle = await hopOf(root, {}, { ...sdHashOf(root), cnf: classical(provider).cnf });
  const afterClosed = await hopOf(inTheMiddle, { key: provider.privateKeys.es256 });

  return [
    { id: 'neither hash', chain: await withHop({}, {}), code: 'ERR_MANDATE_BINDING_INVALID' },
    {
      id: 'both hashes',
      chain: await withHop({}, { sd_hash, issuer_jwt_hash }),
      code: 'ERR_MANDATE_BINDING_INVALID',
    },
    {
      id: 'sd_hash with the value of the other',
      chain: await withHop({}, { sd_hash: issuer_jwt_hash }),
      code: 'ERR_MANDATE_BINDING_INVALID',
    },
    {
      id: 'issuer_jwt_hash with the value of the other',
      chain: await withHop({}, { issuer_jwt_hash: sd_hash }),
      code: 'ERR_MANDATE_BINDING_INVALID',
    },
    {
      id: 'hop of another key',
      chain: await withHop({ key: provider.privateKeys.es256 }),
      code: 'ERR_MANDATE_ES256_INVALID',
    },
    { id: 'typ of a JWT', chain: await withHop({ typ: 'JWT' }), code: 'ERR_MANDATE_CHAIN_INVALID' },
    {
      id: 'typ of an open hop, closed mandate',
      chain: await withHop({ typ: 'kb+sd-jwt+kb' }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
    },
    {
      id: 'typ of a closed hop, open mandate',
      chain: await withHop({ elements: [open('payment', classical(provider))] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
    },
    {
      id: 'closed mandate with cnf',
      chain: await withHop({ elements: [{ ...closed.payment, ...classical(provider) }] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
    },
    {
      id: 'closed hop in the middle',
      chain: join(root, inTheMiddle, afterClosed),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: ['SDK'],
    },
    {
      id: 'root with the typ of a hop',
      chain: await withRoot({ typ: 'kb+sd-jwt' }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: EVERYONE,
    },
    {
      id: 'two mandates in the root',
      chain: await withRoot({ elements: [mandate, mandate] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
    },
    {
      id: 'two mandates in the hop',
      chain: await withHop({ elements: [closed.payment, { ...closed.payment, transaction_id: 'x' }] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: ['SDK'],
    },
    {
      id: 'no mandate in the hop',
      chain: await withHop({ elements: [] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: ['SDK'],
    },
    {
      id: 'mandate in the clear',
      chain: await withHop({ elements: [], inTheClear: [closed.payment] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: EVERYONE,
    },
    {
      id: 'disclosure of nothing',
      chain: await withHop({ disclosures: [disclosureOf('x')] }),
      code: 'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
      acceptedBy: EVERYONE,
    },
    {
      id: 'constraint withheld',
      chain: await withRoot({ elements: [{ ...mandate, constraints }] }),
      code: 'ERR_MANDATE_SCHEMA',
      acceptedBy: EVERYONE,
    },
    {
      id: 'two members of one name',
      chain: await withHop({ rewrite: (json) => json.replace('{', '{"nonce":"first",') }),
      code: 'ERR_MANDATE_MALFORMED',
      acceptedBy: EVERYONE,
    },
    {
      id: 'hop without iat',
      chain: await withHop({}, { sd_hash, iat: undefined }),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    },
    {
      id: 'open mandate has expired',
      chain: await withRoot({ elements: [{ ...mandate, exp: now - 3600 }] }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'root has expired',
      chain: await withRoot({ claims: { exp: now - 3600 } }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'closed mandate has expired',
      chain: await withHop({ elements: [{ ...closed.payment, exp: now - 3600 }] }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'hop has expired',
      chain: await withHop({}, { sd_hash, exp: now - 3600 }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'hop of the future',
      chain: await withHop({}, { sd_hash, iat: now + 3600 }),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    },
    {
      id: 'root not valid yet',
      chain: await withRoot({ claims: { nbf: now + 3600 } }),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
      acceptedBy: ['SDK'],
    },
    {
      id: 'hop has expired two minutes ago',
      chain: await withHop({}, { sd_hash, exp: now - 120 }),
      code: 'ERR_JWT_EXPIRED',
      acceptedBy: EVERYONE,
    },
  ];
}
