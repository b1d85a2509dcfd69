import type { QueryReport } from './page/picture.js';
import type { Picture } from './painter.js';

/** Of a panel, by its title, and one of its queries. */
export type MayBeEmpty = (panel: string, query: QueryReport) => boolean;

/** What is wrong with a picture, in a sentence each: errors, and queries without a figure of which nobody has said that they may be. */
export function problemsOf({ panels, logged }: Pick<Picture, 'panels' | 'logged'>, mayBeEmpty: MayBeEmpty): string[] {
  const ofPanels = panels.flatMap(({ title, state, error, queries }) => {
    if (state === 'error') return [`"${title}" is in error: ${error}`];
    const empty = queries.filter((query) => query.series === 0 && !mayBeEmpty(title, query));
    return empty.map(({ refId, expr }) => `"${title}" has no figure for query ${refId}: ${expr}`);
  });
  return [...ofPanels, ...logged.map((text) => `The page logged an error: ${text}`)];
}
