import { forceBackEnd, getBackEnds } from 'ap2-pq';

await forceBackEnd({ mldsa65: 'noble' }); // or forceBackEnd('webcrypto'), for both
console.log((await getBackEnds()).mldsa65); // noble
await forceBackEnd(); // automatic again
