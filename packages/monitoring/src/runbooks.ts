/** Where the runbooks are read, unless a release says otherwise. */
export const publicRunbooks = 'https://github.com/tintype/tintype/blob/main/docs/runbooks';

export function runbookOf(alert: string, base: string = publicRunbooks): string {
  return `${base}/${alert}.md`;
}
