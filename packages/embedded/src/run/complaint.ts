/** Something that the person at the terminal can put right: shown without a stack. */
export class Complaint extends Error {
  override readonly name = 'Complaint';
}

/** What to print about an error, whatever it is. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Complaint) return error.message;
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return `The disk is full: ${error.message}`;
  return error.stack ?? error.message;
}
