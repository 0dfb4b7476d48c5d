// The examples of RFC 8785 as data: JSON text in, canonical text out. Also inputs on which implementations differ.

export interface JcsExample {
  readonly id: string;
  readonly json: string;
  readonly jcs: string;
}

/** RFC 8785 Appendix B: a double by its bits, and its text. NaN and the infinities, which have no text, are omitted. */
export const NUMBERS: readonly (readonly [bits: string, text: string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

export const JCS_EXAMPLES: readonly JcsExample[] = [
  {
    id: 'RFC 8785 §3.2.2',
    json: String.raw`{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}`,
    jcs: String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  },
  {
    id: 'RFC 8785 §3.2.3',
    json: String.raw`{
  "\u20ac": "Euro Sign",
  "\r": "Carriage Return",
  "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "1": "One",
  "\ud83d\ude00": "Emoji: Grinning Face",
  "\u0080": "Control",
  "\u00f6": "Latin Small Letter O With Diaeresis"
}`,
    jcs:
      String.raw`{"\r":"Carriage Return","1":"One",` +
      '"\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign",' +
      '"\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  },
  {
    id: 'RFC 8785 Appendix B',
    // JSON.stringify writes negative zero as zero.
    json: JSON.stringify({ numbers: NUMBERS.map(([bits]) => doubleOf(bits)) }).replace('[0,0,', '[0,-0,'),
    jcs: `{"numbers":[${NUMBERS.map(([, text]) => text).join(',')}]}`,
  },
  {
    // Parsers that take a shortcut round these differently, and some keep an integer that is not a double.
    id: 'numbers that round',
    json: '{"a":[9007199254740993,18446744073709551615,123456789012345678901234567890,0.1e1,2.2250738585072011e-308,31.245270191439438,121.48791951161945]}',
    jcs: '{"a":[9007199254740992,18446744073709552000,1.2345678901234568e+29,1,2.225073858507201e-308,31.245270191439438,121.48791951161945]}',
  },
];

/** A double by its bits, most significant first. */
export function doubleOf(bits: string): number {
  return new DataView(new Uint8Array(Buffer.from(bits, 'hex')).buffer).getFloat64(0);
}
