/** The commands of curl in the indented blocks of pages that are written for people, who fill in a few things themselves. */
export interface WrittenCommand {
  readonly line: number;
  readonly command: string;
}

/** Each reaches to the next one or to an empty line. */
const written = /^ {4}curl .*(?:\n {4}(?!curl )\s*\S.*)*$/gm;

export function writtenCommands(page: string): WrittenCommand[] {
  return [...page.matchAll(written)].map(({ 0: text, index }) => ({
    line: page.slice(0, index).split('\n').length,
    command: text.replaceAll(/^ {4}/gm, ''),
  }));
}
