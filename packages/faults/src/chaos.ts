/** `make chaos`: two thousand jobs while everything dies; writes the figures into docs/reliability.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { root } from './changes/checkout.js';
import { chaos } from './scenarios/chaos.js';
import { closeRun, openRun } from './site/run-directory.js';
import type { Report } from './violation.js';

const document = join(root, 'docs', 'reliability.md');
const marks = { begin: '<!-- chaos: begin -->', end: '<!-- chaos: end -->' } as const;

const size = { jobs: 2_000, workers: 3, seconds: 60 };

process.exitCode = await main();

async function main(): Promise<number> {
  await openRun();
  try {
    const report = await chaos(size);
    const rows = rowsOf(report);
    for (const [what, figure] of rows) console.log(`${what.padEnd(62)} ${figure}`);
    for (const { rule, what } of report.violations) console.log(`${rule}: ${what}`);
    await writeFile(document, within(await readFile(document, 'utf8'), asMarkdown(rows, report)));
    return report.violations.length === 0 ? 0 : 1;
  } finally {
    await closeRun();
  }
}

/** Of the invariants how often each was broken, and whatever else was counted. */
function rowsOf({ facts, violations }: Report): [what: string, figure: string][] {
  const broken = (rule: string): string => String(violations.filter((violation) => violation.rule === rule).length);
  return [
    ['Accepted jobs lost', broken('I1')],
    ['Jobs that did not end', broken('I2')],
    ['Wrong or missing results', broken('I3')],
    ['Jobs that ended twice, or in a way that there is not', broken('I4')],
    ['Ends of which nobody was told, or under two ids', broken('I5')],
    ['Files missing, or left after a sweep', broken('I6')],
    ['Jobs left in the queue', broken('I7')],
    ['Processes that died by themselves, or were left', broken('I8')],
    ...Object.entries(facts).map(([what, figure]): [string, string] => [
      what.charAt(0).toUpperCase() + what.slice(1),
      String(figure),
    ]),
  ];
}

function asMarkdown(rows: readonly (readonly [string, string])[], { seed }: Report): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node.js ${process.versions.node}`;
  const lines = [['', ''], ['---', '---:'], ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `\n\`make chaos\` on ${new Date().toISOString().slice(0, 10)}, seed ${seed}, on ${machine}:\n\n${lines.join('\n')}\n\n`;
}

function within(text: string, figures: string): string {
  const [before, rest] = text.split(marks.begin);
  const after = rest?.split(marks.end)[1];
  if (before === undefined || after === undefined) throw new Error(`${document} lacks ${marks.begin} … ${marks.end}`);
  return `${before}${marks.begin}\n${figures}${marks.end}${after}`;
}
