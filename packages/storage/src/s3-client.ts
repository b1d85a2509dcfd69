import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';

export interface S3Connection {
  /** Of a server that is not AWS. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** Default: where the AWS SDK looks for them, as the role of the pod. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** Names the bucket in the path of a URL rather than in its host. */
  readonly forcePathStyle?: boolean | undefined;
}

export function createS3Client({ endpoint, region, credentials, forcePathStyle = false }: S3Connection): S3Client {
  const client = new S3Client({
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
    region,
    forcePathStyle,
    retryMode: 'standard',
    maxAttempts: 3,
    // A socket on which nothing has moved for so long is given up, and its request is tried again.
    requestHandler: { connectionTimeout: 3_000, socketTimeout: 30_000 },
    // Every body is signed with its SHA-256, and many servers do not know the newer checksums that are the default.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  client.middlewareStack.add(
    (next) => async (request) => {
      try {
        return await next(request);
      } catch (error) {
        // S3 asks to try again what has met with another operation, which the SDK does not know.
        if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 409) error.$retryable = {};
        throw error;
      }
    },
    { name: 'retryConflicts', step: 'finalizeRequest', priority: 'low' },
  );
  return client;
}
