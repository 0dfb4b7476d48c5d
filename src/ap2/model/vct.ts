/** The values of `vct`, exact to the version suffix (AP2 v0.2, specification.md "Mandate Versioning"). */
export const MANDATE_VCT = {
  openPayment: 'mandate.payment.open.1',
  payment: 'mandate.payment.1',
  openCheckout: 'mandate.checkout.open.1',
  checkout: 'mandate.checkout.1',
} as const;
