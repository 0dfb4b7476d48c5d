"""Issues and verifies AP2's chains, receipts and key bindings with the libraries of AP2's SDK: sd-jwt and jwcrypto."""

import json
import time

from chain import CLOSED_TYPES, OPEN_TYPES, binding, demand, digest, join, mandate_of, split, verify_chain, verify_token
from json_lines import serve
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from marks import marked
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier


def sign(claims, key, header, decoys=False):
    named = {'kid': key['kid'], **header} if 'kid' in key else header
    return SDJWTIssuer(claims, JWK(**key), add_decoy_claims=decoys, extra_header_parameters=named).sd_jwt_issuance


def issue(mandate, key, decoys=False, claims=None):
    payload = {**(claims or {}), 'delegate_payload': [SDObj(marked(mandate))]}
    return {'chain': sign(payload, key, {'typ': 'dc+sd-jwt'}, decoys)}


def issue_credential(claims, disclosable, key):
    payload = {(SDObj(name) if name in disclosable else name): value for name, value in claims.items()}
    return {'chain': sign(payload, key, {'typ': 'dc+sd-jwt'})}


def extend(chain, mandate, key, audience, nonce, binding_mode, decoys=False, spelling=0, claims=None):
    tokens = split(chain)
    typ = (OPEN_TYPES if 'cnf' in mandate else CLOSED_TYPES)[spelling]
    payload = {
        'iat': int(time.time()),
        'aud': audience,
        'nonce': nonce,
        **binding(tokens[-1], binding_mode),
        **(claims or {}),
        'delegate_payload': [SDObj(marked(mandate))],
    }
    return {'chain': join([*tokens, sign(payload, key, {'typ': typ}, decoys)])}


def verify(chain, root, audience, nonce):
    mandates = verify_chain(chain, JWK(**root), audience, nonce)
    tokens = split(chain)
    jwt = mandates[-1].get('checkout_jwt')
    return {
        'mandates': mandates,
        'sd_hashes': [digest(token) for token in tokens],
        'reference': digest(tokens[-1].split('~')[0]),
        'checkout_hash': digest(jwt) if jwt else None,
    }


def verify_single(token, root, vct):
    _, payload = verify_token(token, JWK(**root))
    mandate = mandate_of(payload)
    demand(mandate['vct'] == vct, 'vct')
    return {'mandate': mandate}


def sign_receipt(receipt, key):
    jws = JWS(json.dumps(receipt))
    header = {'alg': 'ES256', 'typ': 'JWT', 'kid': key['kid']}
    jws.add_signature(JWK(**key), protected=json.dumps(header))
    return {'receipt': jws.serialize(compact=True)}


def verify_receipt(receipt, root, reference, is_payment):
    jws = JWS()
    jws.deserialize(receipt, JWK(**root), alg='ES256')
    payload = json.loads(jws.payload)
    demand(payload['reference'] == reference, 'the reference')
    demand(('payment_id' in payload) == is_payment, 'its kind')
    return {'receipt': payload}


def issue_bound(claims, disclosable, key, holder):
    marked_claims = {(SDObj(name) if name in disclosable else name): value for name, value in claims.items()}
    return {'mandate': sign({**marked_claims, 'cnf': {'jwk': holder}}, key, {'typ': 'dc+sd-jwt'})}


def present_bound(mandate, disclose, key, audience, nonce):
    holder = SDJWTHolder(mandate)
    holder.create_presentation(disclose, nonce, audience, JWK(**key))
    return {'presentation': holder.sd_jwt_presentation}


def verify_bound(presentation, root, audience, nonce):
    verifier = SDJWTVerifier(presentation, lambda *_: JWK(**root), audience, nonce)
    return {'payload': verifier.get_verified_payload()}


serve(
    {
        'issue': issue,
        'issue-credential': issue_credential,
        'extend': extend,
        'verify': verify,
        'verify-single': verify_single,
        'sign-receipt': sign_receipt,
        'verify-receipt': verify_receipt,
        'issue-bound': issue_bound,
        'present-bound': present_bound,
        'verify-bound': verify_bound,
    }
)
