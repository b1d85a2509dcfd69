/** The `Prefer` request header (RFC 7240), of which this API knows `wait` and `respond-async`. */

export interface Preferences {
  /** How many seconds the client would like the answer to wait for the job's end; absent when it did not ask. */
  readonly waitSeconds?: number;
}

/** Reads the preferences this API knows; unknown and malformed ones are ignored, as the RFC demands. The first one counts. */
export function parsePrefer(header: string | undefined): Preferences {
  for (const preference of (header ?? '').split(',')) {
    const [token = ''] = preference.split(';');
    const wait = /^\s*wait\s*=\s*"?(\d{1,6})"?\s*$/i.exec(token);
    if (wait) return { waitSeconds: Number(wait[1]) };
  }
  return {};
}
