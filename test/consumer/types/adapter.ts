// withPqSignatures with the classes of @sd-jwt, and with a subclass of what it makes.
import { SDJwtInstance } from '@sd-jwt/core';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { withPqSignatures } from 'ap2-pq';

export const PqSDJwt = withPqSignatures(SDJwtInstance, {});
export const PqSDJwtVc = withPqSignatures(SDJwtVcInstance, {});

export class Logged extends PqSDJwtVc {
  log: string[] = [];
}

export const core = new PqSDJwt({ signAlg: 'ES256' });
export const vc = new Logged({ signAlg: 'ES256' });

export const issued: Promise<string> = vc.issue({ iss: 'https://a.example', vct: 'x' });

export async function verdicts(mandate: string): Promise<boolean[]> {
  const verified = await vc.verify(mandate, { keyBindingNonce: 'n', requiredClaimKeys: ['vct'] });
  const type: string = verified.payload.vct;
  const validated = await core.validate(mandate);
  return [verified.quantumSafe, validated.quantumSafe, type !== ''];
}
// @ts-expect-error: no such option
withPqSignatures(SDJwtInstance, {}, { policy: 'none' });
// @ts-expect-error: no such class
withPqSignatures(Map, {});
