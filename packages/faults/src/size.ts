/** How much of everything: `FAULTS=full` runs the suite as large as it is meant, without it the sizes are those of CI. */
export const full = process.env['FAULTS'] === 'full';

export function sized<T>({ ci, full: large }: { readonly ci: T; readonly full: T }): T {
  return full ? large : ci;
}
