// For tsx, which makes `require` of these imports.
import * as pq from 'ap2-pq';
import * as ap2 from 'ap2-pq/ap2';

const { check } = require('./mandate.cjs');

check(pq, ap2).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
