/** A file that is in the storage, and what is known of it. */
export interface StoredFile {
  readonly storageKey: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** As its first bytes told. */
  readonly format: string;
}
