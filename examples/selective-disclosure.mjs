import { generateMandateKeys, presentMandate, signMandate, verifyMandate } from 'ap2-pq';

const { privateKeys, publicKeys } = await generateMandateKeys();
const claims = {
  iss: 'https://bank.example',
  items: [
    { name: 'tea', price: '8.00' },
    { name: 'cup', price: '20.00' },
  ],
};

// Each item can be withheld, and so can the price of the first.
const mandate = await signMandate(claims, privateKeys, {
  disclosureFrame: { items: { _sd: [0, 1], 0: { _sd: ['price'] } } },
});

// The holder shows the second item only.
const presented = await presentMandate(mandate, { disclose: { items: { 1: true } } });

const { payload } = await verifyMandate(presented, publicKeys);
console.log(JSON.stringify(payload.items)); // [{"name":"cup","price":"20.00"}]
