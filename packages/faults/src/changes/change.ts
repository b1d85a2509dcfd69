/**
 * What the suite takes out of the services, or puts into them: a text of their built JavaScript. The services themselves have no
 * switches for their tests.
 */
export interface Change {
  /** Below the root of the checkout: `services/worker/dist/processing/patience.js`. */
  readonly file: string;
  /** Exactly once in the file. */
  readonly text: string;
  readonly by: string;
}

/** Rejects what would change nothing, or more than was meant. */
export function changed(source: string, { file, text, by }: Change): string {
  const [before, after, ...more] = source.split(text);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file} does not have exactly once: ${text}`);
  }
  return before + by + after;
}
