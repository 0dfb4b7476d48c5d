const { check } = require('../mandate.cjs');

test('the package works in Jest under CommonJS', () => check(require('ap2-pq'), require('ap2-pq/ap2')));
