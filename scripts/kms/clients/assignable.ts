// Compiled by npm run kms, which installs the clients: the objects of the real classes fit the types of ap2-pq.
import type { KMS } from '@aws-sdk/client-kms';
import type { KeyManagementServiceClient } from '@google-cloud/kms';
import type { AwsKms } from '../../../src/signers/aws-kms.js';
import type { GcpKms } from '../../../src/signers/gcp-kms.js';

export const aws = (kms: KMS): AwsKms => kms;
export const gcp = (kms: KeyManagementServiceClient): GcpKms => kms;
