// Reads the results of verifications that a caller hands back. They were true when they were returned; a caller can have changed
// them, or pass something else.
import {
  aBoolean,
  aListOf,
  aNonNegativeNumber,
  aString,
  type Check,
  invalidArgument,
  optional,
  type Read,
  readResult,
  required,
  unread,
} from '../../options.js';
import type { PresentedCheckoutMandate } from '../model/checkout-mandate.js';
import { isOpenMandateContent, parsePresentedMandateContent } from '../model/mandate.js';
import type { PaymentMandate } from '../model/payment-mandate.js';
import { copyObject } from '../model/schema.js';
import type { VerifiedHop } from './hops.js';

const CHAIN_SOURCE = 'the result of a verification of a chain';

/** A verified token. */
const aHop: Check<VerifiedHop> = (value, path) =>
  readResult(value, HOP, path, 'a hop of a verified chain') as Pick<
    VerifiedHop,
    keyof typeof HOP
  > as VerifiedHop;

const HOP = {
  mandate: required(parsePresentedMandateContent),
  identity: required(aString),
  digest: required(aString),
  payload: required((value, path) => readResult(value, { nbf: unread, exp: unread }, path, 'a payload')),
};

/** The hops of a verified chain. */
export const readHops = (chain: unknown, parameter: string): readonly VerifiedHop[] =>
  readResult(chain, { hops: required(aListOf(aHop)) }, parameter, CHAIN_SOURCE).hops;

const aClosedMandate: Check<PaymentMandate | PresentedCheckoutMandate> = (value, path) => {
  const mandate = parsePresentedMandateContent(value, path);
  return isOpenMandateContent(mandate) ? invalidArgument(path, 'a closed mandate') : mandate;
};

/** The closed mandate of a verified chain. */
export const readMandate: Check<PaymentMandate | PresentedCheckoutMandate> = (chain, parameter) =>
  readResult(chain, { mandate: required(aClosedMandate) }, parameter, CHAIN_SOURCE).mandate;

/** The claims that name the holder of a credential. */
const HOLDER = { cnf: required(copyObject), pq_cnf: optional(copyObject, undefined) };

const CREDENTIAL = {
  payload: required((value, path) => readResult(value, HOLDER, path, 'the payload of a credential')),
};

const AUTHORIZATION = { identity: required(aString), hop: required(aNonNegativeNumber('hops')) };

const CHAIN = {
  hops: required(aListOf(aHop)),
  mandate: required(aClosedMandate),
  isDirect: required(aBoolean),
  credential: optional(
    (value, path) => readResult(value, CREDENTIAL, path, 'a verified credential'),
    undefined,
  ),
  authorizations: required(
    aListOf((value, path) => readResult(value, AUTHORIZATION, path, 'an authorization')),
  ),
  openCheckoutHashes: required(aListOf(aString)),
  revocationChecked: required(aBoolean),
};

/** The members of a verified chain that are evaluated. */
export type EvaluatedChain = Read<typeof CHAIN>;

export const readChain: Check<EvaluatedChain> = (value, path) => readResult(value, CHAIN, path, CHAIN_SOURCE);
