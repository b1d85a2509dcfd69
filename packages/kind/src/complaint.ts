/** Something that the person at the terminal can put right: shown without a stack. */
export class Complaint extends Error {
  override readonly name = 'Complaint';
}

/** Runs a verb of the Makefile. Resolves with the exit code of the process; what went wrong is on the terminal. */
export async function verb(work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    console.error(`\n${explain(error)}`);
    return 1;
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof Complaint ? error.message : (error.stack ?? error.message);
}
