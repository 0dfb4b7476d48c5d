const { check } = require('./mandate.cjs');

check(require('ap2-pq'), require('ap2-pq/ap2')).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
