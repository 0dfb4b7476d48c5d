// Key files by hand, independently of the library.

/** One DER element: tag, length, content. */
export function derElement(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const ML_DSA_65 = Buffer.from('300b0609608648016503040312', 'hex');

/** PKCS #8 of an ML-DSA-65 key whose `privateKey` is these octets. */
export const mlDsa65Pkcs8 = (privateKey: Buffer): Buffer =>
  derElement(0x30, Buffer.from('020100', 'hex'), ML_DSA_65, derElement(4, privateKey));

/** SPKI of an ML-DSA-65 public key. */
export const mlDsa65Spki = (pub: Buffer, unusedBits = 0): Buffer =>
  derElement(0x30, ML_DSA_65, derElement(3, Buffer.from([unusedBits]), pub));

export const pemOf = (label: string, file: Buffer): string =>
  `-----BEGIN ${label}-----\n${file.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
