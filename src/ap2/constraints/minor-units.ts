// ISO 4217, list one: the currency codes by the number of decimals of their minor unit. Codes without a minor unit, metals and
// testing codes are left out, because nobody pays with them.
const CODES: readonly (readonly [decimals: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
    CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
    IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV
    MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
    STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

const DECIMALS: ReadonlyMap<string, number> = new Map(
  CODES.flatMap(([decimals, codes]) => codes.split(/\s+/).map((code) => [code, decimals] as const)),
);

/**
 * Converts an amount in major units to whole minor units, rounded down: 10.5 USD is 1050, 10.5 JPY is 10. The decimal
 * arithmetic uses the shortest decimal for the number, which is the text in the JSON. `undefined` if the currency, or its minor
 * unit, is unknown.
 */
export function toMinorUnits(major: number, currency: string): bigint | undefined {
  const decimals = DECIMALS.get(currency);
  if (decimals === undefined) return undefined;
  const [significand, exponent] = major.toExponential().split('e') as [string, string];
  const [whole, fraction = ''] = significand.split('.') as [string, string?];
  const shift = Number(exponent) - fraction.length + decimals;
  const digits = BigInt(whole + fraction);
  return shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
}
