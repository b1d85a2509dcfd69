/** Figures that a command writes into docs/monitoring.md, between its marks. */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { root } from '@tintype/faults';

const document = join(root, 'docs', 'monitoring.md');

/** `name`: of the marks `<!-- name: begin -->` and `<!-- name: end -->`. */
export async function writeFigures(name: string, figures: string): Promise<void> {
  const text = await readFile(document, 'utf8');
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${document} lacks ${begin} … ${end}`);
  await writeFile(document, `${before}${begin}\n\n${figures}\n\n${end}${after}`);
}

/** `make watch/calm on 2026-01-31, on 8 × …` */
export function byCommand(command: string): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node.js ${process.versions.node}`;
  return `\`${command}\` on ${new Date().toISOString().slice(0, 10)}, on ${machine}`;
}
