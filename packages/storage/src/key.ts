import { InvalidKeyError } from './errors.js';

// An allow-list: it leaves no room for traversal, absolute paths, NUL, or the driver's own dot-directories.
const segment = '[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}';
const keyPattern = new RegExp(`^${segment}(?:/${segment})*$`);
const prefixPattern = new RegExp(`^(?:${segment}/)*(?:${segment})?$`);
const maxLength = 1024;

/** @throws InvalidKeyError */
export function checkKey(key: string): void {
  if (key.length > maxLength || !keyPattern.test(key)) throw new InvalidKeyError();
}

/** A prefix is the beginning of a key: nothing, whole segments, or part of one. @throws InvalidKeyError */
export function checkPrefix(prefix: string): void {
  if (prefix.length > maxLength || !prefixPattern.test(prefix)) throw new InvalidKeyError();
}
