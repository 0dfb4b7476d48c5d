import canonicalize4 from 'canonicalize-4';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalize } from '../../src/encoding/canonicalize.js';
import { toIJson } from '../../src/encoding/i-json.js';
import { DEFAULT_LIMITS } from '../../src/profile.js';

test('JCS is what version 4 of canonicalize writes too, which the tests and the vectors use', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }), (value) => {
      const json = toIJson(value, 'value', DEFAULT_LIMITS);
      expect(canonicalize(json)).toBe(canonicalize4(json));
    }),
    { numRuns: 500 },
  );
});

test('the example of RFC 8785 §3.2.2', () => {
  const value = JSON.parse(`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
    "literals": [null, true, false]
  }`);
  expect(canonicalize(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});
