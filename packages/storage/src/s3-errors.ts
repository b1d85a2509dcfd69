import { S3ServiceException } from '@aws-sdk/client-s3';
import { NotFoundError, OutOfSpaceError, StorageError, toStorageError } from './errors.js';

/** As S3 servers name a quota or a disk that is used up. */
const outOfSpaceCodes = new Set(['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded']);

/**
 * Wraps an error of the S3 client. All but a missing object is worth another try, even a refusal: it is the operator who mends
 * rights, credentials and buckets, while jobs wait.
 */
export function fromS3(error: unknown, key: string): StorageError {
  if (isMissing(error)) return new NotFoundError(key);
  if (!(error instanceof S3ServiceException)) return toStorageError(error);
  const status = error.$metadata.httpStatusCode;
  if (outOfSpaceCodes.has(error.name) || status === 507) return new OutOfSpaceError('The storage is full', { cause: error });
  return new StorageError(`The storage failed (${error.name}, ${status})`, { cause: error });
}

/** That there is no such object; another missing thing, as the bucket, is a fault. */
export function isMissing(error: unknown): boolean {
  // An answer to HEAD has no body that could tell the code.
  return error instanceof S3ServiceException && (error.name === 'NoSuchKey' || error.name === 'NotFound');
}
