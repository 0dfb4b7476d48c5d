"""Issues and verifies AP2's chains and receipts with AP2's own SDK (code/sdk/python of its repository, on PYTHONPATH)."""

from ap2.sdk.generated.checkout_mandate import CheckoutMandate
from ap2.sdk.generated.checkout_receipt import CheckoutReceipt
from ap2.sdk.generated.open_checkout_mandate import OpenCheckoutMandate
from ap2.sdk.generated.open_payment_mandate import OpenPaymentMandate
from ap2.sdk.generated.payment_mandate import PaymentMandate
from ap2.sdk.generated.payment_receipt import PaymentReceipt
from ap2.sdk.jwt_helper import create_jwt, verify_jwt
from ap2.sdk.mandate import MandateClient
from ap2.sdk.receipt_wrapper import ReceiptClient
from ap2.sdk.sdjwt import common, compute_sd_hash, kb_sd_jwt, parse_token, sd_jwt
from ap2.sdk.utils import compute_sha256_b64url
from constraints import evaluate, violations_of
from json_lines import serve
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj

MODELS = {
    'mandate.checkout.1': CheckoutMandate,
    'mandate.checkout.open.1': OpenCheckoutMandate,
    'mandate.payment.1': PaymentMandate,
    'mandate.payment.open.1': OpenPaymentMandate,
}


def model(mandate):
    return MODELS[mandate['vct']].model_validate(mandate)


def tokens_of(chain):
    tokens = chain.split('~~')
    return [token + '~' for token in tokens[:-1]] + tokens[-1:]


def issue(mandate, key, decoys=False):
    if not decoys:
        return {'chain': MandateClient().create([model(mandate)], JWK(**key))}
    return {'chain': sd_jwt.create(model(mandate), JWK(**key), add_decoy_claims=True).sd_jwt_issuance}


def issue_credential(claims, disclosable, key):
    """Uses the SDK's internal signing: it has no function for the credentials of a bank."""
    issuer_key = JWK(**key)
    issuer = common.issue_sd_jwt(
        claims={(SDObj(name) if name in disclosable else name): value for name, value in claims.items()},
        issuer_key=issuer_key,
        header_params=common.header_parameters(issuer_key, 'dc+sd-jwt'),
        add_decoy_claims=False,
        serialization_format='compact',
    )
    return {'chain': issuer.sd_jwt_issuance}


def extend(chain, mandate, key, audience, nonce, binding_mode, decoys=False):
    """By hand, because the facade cannot do it: decoys, and a hop after a hop (as in the SDK's own tests)."""
    tokens = tokens_of(chain)
    holder = JWK(**key)
    if len(tokens) == 1 and not decoys:
        bound = {'aud': audience, 'nonce': nonce, 'hash_mode': binding_mode}
        return {'chain': MandateClient().present(holder, chain, [model(mandate)], **bound)}
    hop = kb_sd_jwt.create(
        prev_token=parse_token(tokens[-1]),
        holder_key=holder,
        payload=model(mandate),
        aud=audience,
        nonce=nonce,
        hash_mode=binding_mode,
        add_decoy_claims=decoys,
    )
    return {'chain': f'{chain[:-1]}~~{hop.sd_jwt_issuance}'}


def present(chain, mandate, key, audience, nonce, disclose):
    """A hop with the facade's own choice of what to disclose of the token before."""
    bound = {'aud': audience, 'nonce': nonce, 'claims_to_disclose': disclose}
    return {'chain': MandateClient().present(JWK(**key), chain, [model(mandate)], **bound)}


def verify(chain, root, audience, nonce):
    key = JWK(**root)
    client = MandateClient()
    mandates = client.verify(chain, lambda _: key, expected_aud=audience, expected_nonce=nonce)
    jwt = mandates[-1].get('checkout_jwt')
    return {
        'mandates': mandates,
        'sd_hashes': [compute_sd_hash(parse_token(token)) for token in tokens_of(chain)],
        'reference': compute_sha256_b64url(client.get_closed_mandate_jwt(chain)),
        'checkout_hash': compute_sha256_b64url(jwt) if jwt else None,
    }


def violations(mandates, checkout_jwt=None, open_checkout_hash=None):
    return {'violations': violations_of(mandates, checkout_jwt, open_checkout_hash)}


def verify_single(token, root, vct):
    verified = MandateClient().verify(token, JWK(**root), payload_type=MODELS[vct])
    return {'mandate': verified.mandate_payload.model_dump(mode='json', by_alias=True, exclude_none=True)}


def sign_model(receipt, key):
    """As AP2's samples do: with the members of the other outcome as null."""
    header = {'alg': 'ES256', 'typ': 'JWT', 'kid': key['kid']}
    return {'receipt': create_jwt(header, receipt.model_dump(), JWK(**key))}


def sign_receipt(receipt, key):
    receipt_model = PaymentReceipt if 'payment_id' in receipt else CheckoutReceipt
    return sign_model(receipt_model.model_validate(receipt), key)


def create_receipt(mandate, reference, key):
    client = ReceiptClient()
    if mandate['vct'] == 'mandate.payment.1':
        return sign_model(client.create_payment_receipt(model(mandate), reference), key)
    return sign_model(client.create_checkout_receipt('https://merchant.example', reference, 'order_1'), key)


def verify_receipt(receipt, root, reference, is_payment):
    key = JWK(**root)
    verdict = ReceiptClient().verify_receipt(receipt, key, {reference}.__contains__, is_payment)
    if verdict != {'verified': True}:
        raise ValueError(verdict['message'])
    return {'receipt': verify_jwt(receipt, key)}


def verify_bound(presentation, root, audience, nonce):
    return {'payload': sd_jwt.verify(presentation, JWK(**root), audience, nonce)}


def constraints(case):
    return {'violations': evaluate(case)}


serve(
    {
        'issue': issue,
        'issue-credential': issue_credential,
        'extend': extend,
        'present': present,
        'verify': verify,
        'violations': violations,
        'verify-single': verify_single,
        'sign-receipt': sign_receipt,
        'create-receipt': create_receipt,
        'verify-receipt': verify_receipt,
        'verify-bound': verify_bound,
        'constraints': constraints,
    }
)
