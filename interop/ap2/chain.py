"""Verifies a delegation chain of AP2 v0.2 and draft-gco-oauth-delegate-sd-jwt-00 with sd-jwt and jwcrypto."""

import base64
import hashlib
import json
import time

from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier

OPEN_TYPES = ('kb+sd-jwt+kb', 'kb-sd-jwt+kb')
CLOSED_TYPES = ('kb+sd-jwt', 'kb-sd-jwt')
CLOCK_TOLERANCE = 300


class Refused(Exception):
    pass


def demand(holds, message):
    if not holds:
        raise Refused(message)


def decode(segment):
    return json.loads(base64.urlsafe_b64decode(segment + '=' * (-len(segment) % 4)))


def digest(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode('ascii')).digest()).rstrip(b'=').decode()


def split(chain):
    """The tokens, each with the tilde that the separator took."""
    tokens = chain.split('~~')
    return [token + '~' for token in tokens[:-1]] + tokens[-1:]


def join(tokens):
    return '~~'.join([token[:-1] for token in tokens[:-1]] + tokens[-1:])


def binding(token, mode):
    """The claim that binds a hop to the token before it."""
    if mode == 'sd_hash':
        return {'sd_hash': digest(token)}
    return {'issuer_jwt_hash': digest(token.split('~')[0])}


def is_credential(token):
    """A root without a mandate: AP2's User Credential."""
    return 'delegate_payload' not in decode(token.split('.')[1])


def verify_token(token, key, holds_mandate=True):
    """The header, and the processed payload, of one SD-JWT."""
    demand(token.endswith('~'), 'a chain has no place for a key binding JWT')
    header, payload, _ = (token.split('~')[0]).split('.')
    demand(decode(header).get('alg') == 'ES256', 'ES256 is AP2\'s algorithm')
    elements = decode(payload).get('delegate_payload')
    demand(isinstance(elements, list) or not holds_mandate, 'delegate_payload is an array')
    processed = SDJWTVerifier(token, lambda *_: key).get_verified_payload()
    return decode(header), processed


def mandate_of(processed):
    elements = processed['delegate_payload']
    demand(len(elements) == 1, f'one element must be disclosed, {len(elements)} are')
    demand(isinstance(elements[0], dict), 'the element is an object')
    return elements[0]


def check_times(claims, now):
    for name in ('iat', 'nbf', 'exp'):
        value = claims.get(name, now)
        demand(type(value) in (int, float), f'{name} is a number')
        if name == 'exp':
            demand(now < value + CLOCK_TOLERANCE, 'expired')
        else:
            demand(value <= now + CLOCK_TOLERANCE, f'{name} is in the future')


def check_hop(header, payload, mandate, before, is_last):
    demand(header.get('typ') in (CLOSED_TYPES if is_last else OPEN_TYPES), 'typ')
    demand(('cnf' in mandate) != is_last, 'an open mandate has cnf, a closed one has not')
    modes = [mode for mode in ('sd_hash', 'issuer_jwt_hash') if mode in payload]
    demand(len(modes) == 1, 'one binding hash')
    demand(payload[modes[0]] == binding(before, modes[0])[modes[0]], 'the binding hash')
    demand(type(payload.get('iat')) is int, 'iat')
    demand(all(isinstance(payload.get(name), str) for name in ('aud', 'nonce')), 'aud and nonce')


def verify_chain(chain, root, audience, nonce, now=None):
    """The mandates of a chain that ends in a closed one, the root's first; before them the claims of a credential."""
    now = now or int(time.time())
    tokens = split(chain)
    demand(len(tokens) > 1, 'a chain has a root and a hop')
    mandates = []
    for index, token in enumerate(tokens):
        key = root if index == 0 else JWK(**mandates[-1]['cnf']['jwk'])
        begins = index == 0 and is_credential(token)
        header, payload = verify_token(token, key, holds_mandate=not begins)
        mandate = payload if begins else mandate_of(payload)
        if index == 0:
            demand('cnf' in mandate, 'the root is delegated to someone')
        else:
            check_hop(header, payload, mandate, tokens[index - 1], index == len(tokens) - 1)
        check_times(payload, now)
        check_times(mandate, now)
        mandates.append(mandate)
    demand(payload['aud'] == audience, 'aud')
    demand(payload['nonce'] == nonce, 'nonce')
    return mandates
