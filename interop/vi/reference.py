"""The Python reference of Verifiable Intent behind JSON lines: issues and verifies chains of layers."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'ap2'))

from json_lines import serve  # noqa: E402
from verifiable_intent.crypto.disclosure import build_selective_presentation, hash_bytes  # noqa: E402
from verifiable_intent.crypto.sd_jwt import decode_sd_jwt  # noqa: E402
from verifiable_intent.crypto.signing import jwk_to_private_key, jwk_to_public_key  # noqa: E402
from verifiable_intent.issuance.agent import create_layer3_checkout, create_layer3_payment  # noqa: E402
from verifiable_intent.issuance.issuer import create_layer1  # noqa: E402
from verifiable_intent.issuance.user import create_layer2_autonomous, create_layer2_immediate  # noqa: E402
from verifiable_intent.models.agent_mandate import (  # noqa: E402
    CheckoutL3Mandate,
    FinalCheckoutMandate,
    FinalPaymentMandate,
    PaymentL3Mandate,
)
from verifiable_intent.models.constraints import parse_constraint  # noqa: E402
from verifiable_intent.models.issuer_credential import IssuerCredential  # noqa: E402
from verifiable_intent.models.user_mandate import (  # noqa: E402
    CheckoutMandate,
    MandateMode,
    PaymentMandate,
    UserMandate,
)
from verifiable_intent.verification.chain import SplitL3, verify_chain  # noqa: E402


def verify(layer1, layer2, legs, issuer):
    splits = [
        SplitL3(
            l3_payment=decode_sd_jwt(leg['payment']['layer3']) if leg.get('payment') else None,
            l3_checkout=decode_sd_jwt(leg['checkout']['layer3']) if leg.get('checkout') else None,
            l2_payment_serialized=leg['payment']['layer2'] if leg.get('payment') else None,
            l2_checkout_serialized=leg['checkout']['layer2'] if leg.get('checkout') else None,
        )
        for leg in legs
    ]
    result = verify_chain(
        decode_sd_jwt(layer1),
        decode_sd_jwt(layer2),
        issuer_public_key=jwk_to_public_key(issuer),
        l1_serialized=layer1,
        l2_serialized=layer2,
        split_l3s=splits or None,
    )
    return {'valid': result.valid, 'errors': result.errors}


def _sha256(text):
    return hash_bytes(text.encode('ascii'))


def issue(keys, claims, mode, pair, to):
    """A chain of theirs. `pair` contains the constraints and the final values, `to` the recipients."""
    user = {name: value for name, value in keys['user'].items() if name != 'd'}
    agent = {name: value for name, value in keys['agent'].items() if name not in ('d', 'kid')}
    layer1 = create_layer1(
        IssuerCredential(cnf_jwk=user, **claims), jwk_to_private_key(keys['issuer']), kid=keys['issuer']['kid']
    ).serialize()
    iat = to['iat']
    common = {'nonce': to['nonce2'], 'aud': to['audience2'], 'iat': iat, 'iss': 'https://wallet.example'}
    user_key, user_kid = jwk_to_private_key(keys['user']), keys['user']['kid']
    if mode == 'immediate':
        payment = dict(pair['payment'])
        amount = payment.pop('payment_amount')
        mandate = UserMandate(
            mode=MandateMode.IMMEDIATE,
            exp=iat + 900,
            sd_hash=_sha256(layer1),
            checkout_mandate=CheckoutMandate(vct='mandate.checkout', checkout_jwt=pair['checkout_jwt']),
            payment_mandate=PaymentMandate(vct='mandate.payment', **payment, **amount),
            **common,
        )
        return {'layer1': layer1, 'layer2': create_layer2_immediate(mandate, user_key, kid=user_kid).serialize()}
    cnf = {'cnf_jwk': agent, 'cnf_kid': keys['agent']['kid']}
    mandate = UserMandate(
        mode=MandateMode.AUTONOMOUS,
        exp=iat + 86400,
        sd_hash=_sha256(layer1),
        merchants=pair['merchants'],
        acceptable_items=pair['items'],
        checkout_mandate=CheckoutMandate(constraints=[parse_constraint(c) for c in pair['checkout_constraints']], **cnf),
        payment_mandate=PaymentMandate(
            constraints=[parse_constraint(c) for c in pair['payment_constraints']],
            payment_instrument=pair['payment']['payment_instrument'],
            **cnf,
        ),
        **common,
    )
    layer2 = create_layer2_autonomous(mandate, user_key, kid=user_kid)
    base = layer2.issuer_jwt
    merchants, items = len(pair['merchants']), len(pair['items'])
    by_name = layer2.disclosures
    merchant, item = by_name[0], by_name[merchants]
    checkout_disclosure, payment_disclosure = by_name[merchants + items], by_name[merchants + items + 1]
    agent_key, agent_kid = jwk_to_private_key(keys['agent']), keys['agent']['kid']
    final = {'iat': iat, 'exp': iat + 300, 'nonce': to['nonce3']}
    hashed = _sha256(pair['checkout_jwt'])
    payment = create_layer3_payment(
        PaymentL3Mandate(
            aud=to['network'],
            final_payment=FinalPaymentMandate(transaction_id=hashed, **pair['payment']),
            final_merchant=pair['payment']['payee'],
            **final,
        ),
        agent_key, base, payment_disclosure, merchant, kid=agent_kid,
    )
    checkout = create_layer3_checkout(
        CheckoutL3Mandate(
            aud=to['merchant'],
            final_checkout=FinalCheckoutMandate(checkout_jwt=pair['checkout_jwt'], checkout_hash=hashed),
            **final,
        ),
        agent_key, base, checkout_disclosure, item, kid=agent_kid,
    )
    view = build_selective_presentation
    return {
        'layer1': layer1,
        'layer2': layer2.serialize(),
        'payment': {'layer2': view(base, [payment_disclosure, merchant]), 'layer3': payment.serialize()},
        'checkout': {'layer2': view(base, [checkout_disclosure, item]), 'layer3': checkout.serialize()},
    }


serve({'verify': verify, 'issue': issue})
