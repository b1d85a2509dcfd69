/** What docs/runbooks has from the declarations of the alerts: the head of each page, and the index. People write the rest. */
import { ruleDeclarations } from './alerts.js';
import { dashboardDeclarations } from './dashboards.js';
import { inRelease } from './places.js';
import type { Alert } from './rules.js';

const alerts = ruleDeclarations.flatMap((group) => group.alerts);
/** The commands of the pages are for it, too. */
const place = inRelease({ namespace: 'tintype', fullname: 'tintype' });
const meaning = { critical: 'critical: look now', warning: 'warning: look in working hours' } as const;

/** The page with its generated part as it should be; `name` is that of its file without `.md`. */
export function filledRunbook(name: string, text: string): string {
  if (name === 'README') return between(text, 'alerts', index());
  const declaration = alerts.find(({ alert }) => alert === name);
  if (!declaration) throw new Error(`docs/runbooks/${name}.md is about no alert`);
  return between(text, 'alert', head(declaration));
}

function head({ summary, severity, for: duration, keepFiringFor, dashboard, inhibitedBy = [], expr }: Alert): string {
  const lines = [
    ['Severity', meaning[severity]],
    ['Fires', duration === '0m' ? 'at once' : `when it has held for ${duration}`],
    ['Goes on', keepFiringFor ? `for ${keepFiringFor} after the last time` : 'as long as it holds'],
    ['Dashboard', `Tintype / ${titleOf(dashboard)}, \`/d/${dashboard}\``],
    ['Says nothing new beside', inhibitedBy.map(({ alert }) => linkTo(alert)).join(', ') || '–'],
  ];
  const table = lines.map(([what, value]) => `| ${what} | ${value} |`).join('\n');
  const expression = `<details>\n<summary>Expression</summary>\n\n\`\`\`promql\n${expr.print(place)}\n\`\`\`\n\n</details>`;
  return `${summary}\n\n| | |\n|---|---|\n${table}\n\n${expression}`;
}

function index(): string {
  const rows = alerts.map(({ alert, severity, summary }) => `| ${linkTo(alert)} | ${severity} | ${summary} |`);
  return `| Alert | Severity | What is seen |\n|---|---|---|\n${rows.join('\n')}`;
}

function linkTo(alert: string): string {
  return `[${alert}](${alert}.md)`;
}

function titleOf(uid: string): string {
  const dashboard = dashboardDeclarations.find((each) => each.uid === uid);
  if (!dashboard) throw new Error(`There is no dashboard ${uid}`);
  return dashboard.title;
}

/** Puts it between `<!-- mark: begin -->` and `<!-- mark: end -->`. */
function between(text: string, mark: string, content: string): string {
  const [begin, end] = [`<!-- ${mark}: begin -->\n`, `<!-- ${mark}: end -->`];
  const [before = '', rest = ''] = text.split(begin);
  const [, after] = rest.split(end);
  if (after === undefined) throw new Error(`${begin.trim()} … ${end} is missing`);
  return `${before}${begin}${content}\n${end}${after}`;
}
