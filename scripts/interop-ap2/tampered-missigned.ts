// Chains correctly signed with the classical keys that they name, but wrong in another way.
import { digestOf } from '../../vectors/generate/forge/disclosures.js';
import { discloseElement, type Forgery, forge, join, sdHashOf } from './forge.js';
import { AUDIENCE, classical, NONCE, type Parties } from './parties.js';
import { EVERYONE, type Tampered } from './tampered-case.js';

export function missigned(parties: Parties): Tampered[] {
  const { bank, agent, provider, open, closed } = parties;
  const now = Math.floor(Date.now() / 1000);
  const mandate = open('payment', classical(agent));
  const hopClaims = { iat: now, aud: AUDIENCE, nonce: NONCE };
  const rootOf = (forgery: Partial<Forgery>): string =>
    forge({ key: bank.privateKeys.es256, elements: [mandate], ...forgery });
  const hopOf = (root: string, forgery: Partial<Forgery>, claims: object = sdHashOf(root)): string =>
    forge({
      key: agent.privateKeys.es256,
      typ: 'kb+sd-jwt',
      elements: [closed.payment],
      ...forgery,
      claims: { ...hopClaims, ...claims },
    });
  const root = rootOf({});
  const withRoot = (forgery: Partial<Forgery>): string => {
    const forged = rootOf(forgery);
    return join(forged, hopOf(forged, {}));
  };
  const withHop = (forgery: Partial<Forgery>, claims?: object): string =>
    join(root, hopOf(root, forgery, claims));
  const { sd_hash } = sdHashOf(root);
  const issuer_jwt_hash = digestOf(root.split('~')[0] as string);

  const hidden = discloseElement(mandate.constraints[1]);
  const constraints = mandate.constraints.toSpliced(1, 1, { '...': hidden.digest } as never);
  const inTheMiddle = hopOf(root, {}, { ...sdHashOf(root), cnf: classical(provider).cnf });
  const afterClosed = hopOf(inTheMiddle, { key: provider.privateKeys.es256 });

  return [
    { id: 'neither hash', chain: withHop({}, {}), code: 'ERR_MANDATE_BINDING_INVALID' },
    {
      id: 'both hashes',
      chain: withHop({}, { sd_hash, issuer_jwt_hash }),
      code: 'ERR_MANDATE_BINDING_INVALID',
    },
    {
      id: 'sd_hash with the value of the other',
      chain: withHop({}, { sd_hash: issuer_jwt_hash }),
      code: 'ERR_MANDATE_BINDING_INVALID',
    },
    {
      id: 'issuer_jwt_hash with the value of the other',
      chain: withHop({}, { issuer_jwt_hash: sd_hash }),
      code: 'ERR_MANDATE_BINDING_INVALID',
    },
    {
      id: 'hop of another key',
      chain: withHop({ key: provider.privateKeys.es256 }),
      code: 'ERR_MANDATE_ES256_INVALID',
    },
    { id: 'typ of a JWT', chain: withHop({ typ: 'JWT' }), code: 'ERR_MANDATE_CHAIN_INVALID' },
    {
      id: 'typ of an open hop, closed mandate',
      chain: withHop({ typ: 'kb+sd-jwt+kb' }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
    },
    {
      id: 'typ of a closed hop, open mandate',
      chain: withHop({ elements: [open('payment', classical(provider))] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
    },
    {
      id: 'closed mandate with cnf',
      chain: withHop({ elements: [{ ...closed.payment, ...classical(provider) }] }),
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
      chain: withRoot({ typ: 'kb+sd-jwt' }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: EVERYONE,
    },
    {
      id: 'two mandates in the root',
      chain: withRoot({ elements: [mandate, mandate] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
    },
    {
      id: 'two mandates in the hop',
      chain: withHop({ elements: [closed.payment, { ...closed.payment, transaction_id: 'x' }] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: ['SDK'],
    },
    {
      id: 'no mandate in the hop',
      chain: withHop({ elements: [] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: ['SDK'],
    },
    {
      id: 'mandate in the clear',
      chain: withHop({ elements: [], inTheClear: [closed.payment] }),
      code: 'ERR_MANDATE_CHAIN_INVALID',
      acceptedBy: EVERYONE,
    },
    {
      id: 'disclosure of nothing',
      chain: withHop({ disclosures: [discloseElement('x').encoded] }),
      code: 'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
      acceptedBy: EVERYONE,
    },
    {
      id: 'constraint withheld',
      chain: withRoot({ elements: [{ ...mandate, constraints }] }),
      code: 'ERR_MANDATE_SCHEMA',
      acceptedBy: EVERYONE,
    },
    {
      id: 'two members of one name',
      chain: withHop({ rewrite: (json) => json.replace('{', '{"nonce":"first",') }),
      code: 'ERR_MANDATE_MALFORMED',
      acceptedBy: EVERYONE,
    },
    {
      id: 'hop without iat',
      chain: withHop({}, { sd_hash, iat: undefined }),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    },
    {
      id: 'open mandate has expired',
      chain: withRoot({ elements: [{ ...mandate, exp: now - 3600 }] }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'root has expired',
      chain: withRoot({ claims: { exp: now - 3600 } }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'closed mandate has expired',
      chain: withHop({ elements: [{ ...closed.payment, exp: now - 3600 }] }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'hop has expired',
      chain: withHop({}, { sd_hash, exp: now - 3600 }),
      code: 'ERR_JWT_EXPIRED',
    },
    {
      id: 'hop of the future',
      chain: withHop({}, { sd_hash, iat: now + 3600 }),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    },
    {
      id: 'root not valid yet',
      chain: withRoot({ claims: { nbf: now + 3600 } }),
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
      acceptedBy: ['SDK'],
    },
    {
      id: 'hop has expired two minutes ago',
      chain: withHop({}, { sd_hash, exp: now - 120 }),
      code: 'ERR_JWT_EXPIRED',
      acceptedBy: EVERYONE,
    },
  ];
}
