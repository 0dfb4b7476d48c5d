// Signs, discloses and verifies, with everything that is loaded lazily. Required by all that is CommonJS here.
exports.check = async (pq, ap2) => {
  const { privateKeys, publicKeys } = await pq.generateMandateKeys();
  const disclosureFrame = { _sd: ['amount'] };
  const mandate = await pq.signMandate({ amount: '1.00' }, privateKeys, { disclosureFrame });
  await pq.signMandate({}, privateKeys, { deterministic: true });
  const { quantumSafe, payload } = await pq.verifyMandate(mandate, publicKeys);
  const refusal = await pq.verifyMandate(`${mandate}x`, publicKeys).catch((error) => error);
  const holds = quantumSafe && payload.amount === '1.00' && typeof ap2.issueMandate === 'function';
  if (!holds || !(refusal instanceof pq.MandateError)) throw new Error('the package does not work here');
};
