"""Evaluates AP2 mandates with AP2's own Python SDK: cases as JSON on stdin, verdicts as JSON on stdout.

The SDK (code/sdk/python of the AP2 repository) must be on PYTHONPATH, with pydantic, sd-jwt and jwcrypto installed.
"""

import json
import sys

from datetime import datetime

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


def verdict(case):
    try:
        return {'id': case['id'], 'violations': evaluate(case)}
    except Exception as error:  # whatever it is, it is the SDK's refusal
        return {'id': case['id'], 'error': type(error).__name__}


json.dump([verdict(case) for case in json.load(sys.stdin)], sys.stdout)
