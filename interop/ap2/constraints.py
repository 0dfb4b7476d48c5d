"""AP2's constraints, evaluated by AP2's own SDK."""

from datetime import datetime

from ap2.sdk.checkout_mandate_chain import CheckoutMandateChain
from ap2.sdk.constraints import (
    MandateContext,
    check_checkout_constraints,
    check_payment_constraints,
)
from ap2.sdk.generated.open_checkout_mandate import OpenCheckoutMandate
from ap2.sdk.generated.open_payment_mandate import OpenPaymentMandate
from ap2.sdk.generated.payment_mandate import PaymentMandate
from ap2.sdk.generated.types.checkout import Checkout


def seconds(date):
    return datetime.fromisoformat(date.replace('Z', '+00:00')).timestamp()


def context(history):
    if history is None:
        return None
    return MandateContext(
        total_amount=sum(use['amount']['amount'] for use in history),
        total_uses=len(history),
        last_used_date=max((seconds(use['usedAt']) for use in history), default=None),
    )


def evaluate(case):
    """The violations of one open mandate by a closed payment, or by a checkout."""
    if case['kind'] == 'payment':
        hashes = case.get('openCheckoutHashes')
        return check_payment_constraints(
            OpenPaymentMandate.model_validate(case['open']),
            PaymentMandate.model_validate(case['closed']),
            open_checkout_hash=hashes[0] if hashes else None,
            mandate_context=context(case.get('history')),
        )
    return check_checkout_constraints(
        OpenCheckoutMandate.model_validate(case['open']),
        Checkout.model_validate(case['checkout']),
    )


def violations_of(mandates, checkout_jwt, open_checkout_hash):
    """The violations of every open mandate of a verified chain."""
    *opened, closed = mandates
    if closed['vct'] == 'mandate.payment.1':
        return [
            violation
            for mandate in opened
            for violation in check_payment_constraints(
                OpenPaymentMandate.model_validate(mandate),
                PaymentMandate.model_validate(closed),
                open_checkout_hash=open_checkout_hash,
                mandate_context=MandateContext(),
            )
        ]
    whole = {**closed, 'checkout_jwt': checkout_jwt}
    return [
        violation
        for mandate in opened
        for violation in CheckoutMandateChain.parse([mandate, whole]).verify(
            expected_checkout_hash=closed['checkout_hash'], checkout_jwt=checkout_jwt
        )
    ]
