/** Refused before anything was sent. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';

  /** `host`: as the URL has it. What its name resolved to is nobody's business outside. */
  constructor(
    readonly host: string,
    reason = 'leads to an address that must not be asked',
  ) {
    super(`${host} ${reason}`);
  }
}
