"""The claims that AP2's schemas mark as selectively disclosable, in the form for sd-jwt."""

from sd_jwt.common import SDObj

ELEMENTS = {
    'payment.allowed_payees': 'allowed',
    'payment.allowed_payment_instruments': 'allowed',
    'checkout.allowed_merchants': 'allowed',
}


def every(values):
    return [SDObj(value) for value in values]


def marked_constraint(constraint):
    member = ELEMENTS.get(constraint['type'])
    if member is not None:
        return {**constraint, member: every(constraint[member])}
    if constraint['type'] == 'checkout.line_items':
        items = [{**item, 'acceptable_items': every(item['acceptable_items'])} for item in constraint['items']]
        return {**constraint, 'items': items}
    return constraint


def marked(mandate):
    members = {(SDObj(name) if name == 'checkout_jwt' else name): value for name, value in mandate.items()}
    if 'constraints' in members:
        members['constraints'] = [marked_constraint(constraint) for constraint in members['constraints']]
    return members
