// What every function of the package returns, in exported constants without annotation: a type that their declarations would
// have to name, and could not, is TS2742.

import * as pq from 'ap2-pq';
import * as ap2 from 'ap2-pq/ap2';

export const addPqSignature = (...args: Parameters<typeof pq.addPqSignature>) => pq.addPqSignature(...args);
export const checkMandateKeys = (...args: Parameters<typeof pq.checkMandateKeys>) =>
  pq.checkMandateKeys(...args);
export const confirmationOf = (...args: Parameters<typeof pq.confirmationOf>) => pq.confirmationOf(...args);
export const createDidWebKeySet = (...args: Parameters<typeof pq.createDidWebKeySet>) =>
  pq.createDidWebKeySet(...args);
export const createIssuerKeySet = (...args: Parameters<typeof pq.createIssuerKeySet>) =>
  pq.createIssuerKeySet(...args);
export const createLocalMandateKeySet = (...args: Parameters<typeof pq.createLocalMandateKeySet>) =>
  pq.createLocalMandateKeySet(...args);
export const createRemoteMandateKeySet = (...args: Parameters<typeof pq.createRemoteMandateKeySet>) =>
  pq.createRemoteMandateKeySet(...args);
export const createRevocationList = (...args: Parameters<typeof pq.createRevocationList>) =>
  pq.createRevocationList(...args);
export const createTokenStatusListCheck = (...args: Parameters<typeof pq.createTokenStatusListCheck>) =>
  pq.createTokenStatusListCheck(...args);
export const decodeMandate = (...args: Parameters<typeof pq.decodeMandate>) => pq.decodeMandate(...args);
export const exportMandateKeysToPem = (...args: Parameters<typeof pq.exportMandateKeysToPem>) =>
  pq.exportMandateKeysToPem(...args);
export const exportMandateKeysToRaw = (...args: Parameters<typeof pq.exportMandateKeysToRaw>) =>
  pq.exportMandateKeysToRaw(...args);
export const forceBackEnd = (...args: Parameters<typeof pq.forceBackEnd>) => pq.forceBackEnd(...args);
export const formatVerdict = (...args: Parameters<typeof pq.formatVerdict>) => pq.formatVerdict(...args);
export const generateMandateKeys = (...args: Parameters<typeof pq.generateMandateKeys>) =>
  pq.generateMandateKeys(...args);
export const getBackEnds = (...args: Parameters<typeof pq.getBackEnds>) => pq.getBackEnds(...args);
export const importMandatePrivateKeys = (...args: Parameters<typeof pq.importMandatePrivateKeys>) =>
  pq.importMandatePrivateKeys(...args);
export const importMandatePublicKeys = (...args: Parameters<typeof pq.importMandatePublicKeys>) =>
  pq.importMandatePublicKeys(...args);
export const jwkThumbprint = (...args: Parameters<typeof pq.jwkThumbprint>) => pq.jwkThumbprint(...args);
export const mandatePrivateKeysFromEnv = (...args: Parameters<typeof pq.mandatePrivateKeysFromEnv>) =>
  pq.mandatePrivateKeysFromEnv(...args);
export const presentMandate = (...args: Parameters<typeof pq.presentMandate>) => pq.presentMandate(...args);
export const signMandate = (...args: Parameters<typeof pq.signMandate>) => pq.signMandate(...args);
export const verifyMandate = (...args: Parameters<typeof pq.verifyMandate>) => pq.verifyMandate(...args);
export const verifyMandates = (...args: Parameters<typeof pq.verifyMandates>) => pq.verifyMandates(...args);
export const verifyPqSignature = (...args: Parameters<typeof pq.verifyPqSignature>) =>
  pq.verifyPqSignature(...args);
export const withPqSignatures = (...args: Parameters<typeof pq.withPqSignatures>) =>
  pq.withPqSignatures(...args);

export const checkoutHash = (...args: Parameters<typeof ap2.checkoutHash>) => ap2.checkoutHash(...args);
export const closeMandate = (...args: Parameters<typeof ap2.closeMandate>) => ap2.closeMandate(...args);
export const createCheckoutReceipt = (...args: Parameters<typeof ap2.createCheckoutReceipt>) =>
  ap2.createCheckoutReceipt(...args);
export const createPaymentReceipt = (...args: Parameters<typeof ap2.createPaymentReceipt>) =>
  ap2.createPaymentReceipt(...args);
export const decodeCheckoutJwt = (...args: Parameters<typeof ap2.decodeCheckoutJwt>) =>
  ap2.decodeCheckoutJwt(...args);
export const decodeMandateChain = (...args: Parameters<typeof ap2.decodeMandateChain>) =>
  ap2.decodeMandateChain(...args);
export const delegateMandate = (...args: Parameters<typeof ap2.delegateMandate>) =>
  ap2.delegateMandate(...args);
export const enforceCheckoutConstraints = (...args: Parameters<typeof ap2.enforceCheckoutConstraints>) =>
  ap2.enforceCheckoutConstraints(...args);
export const enforcePaymentConstraints = (...args: Parameters<typeof ap2.enforcePaymentConstraints>) =>
  ap2.enforcePaymentConstraints(...args);
export const evaluateCheckoutConstraints = (...args: Parameters<typeof ap2.evaluateCheckoutConstraints>) =>
  ap2.evaluateCheckoutConstraints(...args);
export const evaluatePaymentConstraints = (...args: Parameters<typeof ap2.evaluatePaymentConstraints>) =>
  ap2.evaluatePaymentConstraints(...args);
export const issueMandate = (...args: Parameters<typeof ap2.issueMandate>) => ap2.issueMandate(...args);
export const openMandateHash = (...args: Parameters<typeof ap2.openMandateHash>) =>
  ap2.openMandateHash(...args);
export const parseMandateContent = (...args: Parameters<typeof ap2.parseMandateContent>) =>
  ap2.parseMandateContent(...args);
export const presentMandateChain = (...args: Parameters<typeof ap2.presentMandateChain>) =>
  ap2.presentMandateChain(...args);
export const signReceipt = (...args: Parameters<typeof ap2.signReceipt>) => ap2.signReceipt(...args);
export const verifyDirectMandate = (...args: Parameters<typeof ap2.verifyDirectMandate>) =>
  ap2.verifyDirectMandate(...args);
export const verifyMandateChain = (...args: Parameters<typeof ap2.verifyMandateChain>) =>
  ap2.verifyMandateChain(...args);
export const verifyOpenMandateChain = (...args: Parameters<typeof ap2.verifyOpenMandateChain>) =>
  ap2.verifyOpenMandateChain(...args);
export const verifyReceipt = (...args: Parameters<typeof ap2.verifyReceipt>) => ap2.verifyReceipt(...args);
