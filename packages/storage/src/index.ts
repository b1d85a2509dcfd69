export { createStorage } from './create-storage.js';
export { InvalidKeyError, NotFoundError, OutOfSpaceError, StorageError } from './errors.js';
export { FilesystemStorage } from './filesystem.js';
export { FileTooLargeError, IncomingFile } from './incoming-file.js';
export { MeasuredStorage, type StorageFailure, type StorageObserver, type StorageOperation } from './measured-storage.js';
export { storageSettings, type StorageSettings } from './settings.js';
export type { ByteRange, PutOptions, Storage, StoredObject } from './storage.js';
