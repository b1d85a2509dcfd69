/** The page: draws one dashboard, and says of every panel what became of it. */
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { createTheme, dateTime, ThemeContext, type TimeRange } from '@grafana/data';
import type { Panel } from '@grafana/schema';
import { GlobalStyles } from '@grafana/ui';
import { askEvents } from './annotations.js';
import { DashboardView } from './dashboard-view.js';
import { isVisible } from './ink.js';
import { isRow } from './layout.js';
import { loadPanel, type PanelData } from './panel-data.js';
import { type PanelReport, type PictureRequest, requestPath } from './picture.js';
import { resolveVariables } from './variables.js';

const request = (await (await fetch(requestPath)).json()) as PictureRequest;
const { dashboard, from, to } = request;
const variables = await resolveVariables(dashboard.templating?.list ?? [], from, to);
const [events, panels] = await Promise.all([
  askEvents(request, variables),
  Promise.all((dashboard.panels ?? []).filter((panel) => !isRow(panel)).map((panel) => loadPanel(panel, variables, request))),
]);

const failures = new Map<Panel, string>();
const theme = createTheme({ colors: { mode: 'dark' } });
const container = document.createElement('div');
document.body.append(container);
// What a panel throws is told to onError.
const reactRoot = createRoot(container, { onCaughtError: () => undefined });
// The styles name the fonts, and text in a canvas is drawn once, with the font that is there at that time.
flushSync(() => {
  reactRoot.render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
    </ThemeContext.Provider>,
  );
});
await Promise.all(['400 12px Inter', '500 12px Inter', '400 12px "Roboto Mono"'].map((font) => document.fonts.load(font)));
reactRoot.render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
    <DashboardView
      dashboard={dashboard}
      variables={variables}
      events={events}
      panels={panels}
      range={rangeOf(from, to)}
      onError={(panel, error) => failures.set(panel, error.message)}
    />
  </ThemeContext.Provider>,
);
await settled(container);
window.pictureReport = { panels: panels.map(reportOf) };

function rangeOf(start: number, end: number): TimeRange {
  const minutes = Math.round((end - start) / 60_000);
  return { from: dateTime(start), to: dateTime(end), raw: { from: `now-${minutes}m`, to: 'now' } };
}

function reportOf(data: PanelData): PanelReport {
  const { panel, queries, error = failures.get(panel) } = data;
  const title = panel.title ?? '';
  if (error !== undefined) return { title, state: 'error', error, queries };
  if (queries.every(({ series }) => series === 0)) return { title, state: 'empty', queries };
  if (!isVisible(data, theme)) return { title, state: 'error', error: 'It has figures, but they cannot be seen', queries };
  return { title, state: 'drawn', queries };
}

/** Panels measure themselves, and are drawn again: it is done when nothing has changed for half a second. */
async function settled(element: Element): Promise<void> {
  await new Promise<void>((resolve) => {
    let timer = setTimeout(done, 500);
    const observer = new MutationObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(done, 500);
    });
    observer.observe(element, { subtree: true, childList: true, attributes: true, characterData: true });

    function done(): void {
      observer.disconnect();
      resolve();
    }
  });
}
