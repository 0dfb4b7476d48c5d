// The three ways to break a constraint, in chains of two tokens.
import { classicalChain as chain } from '../ap2.js';
import type { Making } from '../case.js';

/** The closed mandate has other members. */
export const closing = (id: string, comment: string, base: Making, mandate: object) => ({
  id,
  comment,
  base,
  defect: { tokens: { 1: { mandate: { ...mandate } } } },
});
/** The open mandate has other members. */
export const opening = (id: string, comment: string, mandate: object, base: Making = chain) => ({
  id,
  comment,
  base,
  defect: { tokens: { 0: { mandate: { ...mandate } } } },
});
/** The verifier has other context. */
export const knowing = (id: string, comment: string, base: Making, context: object | undefined) => ({
  id,
  comment,
  base,
  defect: { options: { context } },
});
