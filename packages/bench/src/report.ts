/** What a run found out, for the terminal and as docs/benchmarks.md. */
import { cpus, release, totalmem, type } from 'node:os';
import { table } from '@tintype/kind/table';
import sharp from 'sharp';
import type { Benchmark } from './benchmark.js';
import { redisVersion } from './redis.js';

export interface Result {
  readonly benchmark: Benchmark;
  readonly rows: readonly (readonly string[])[];
}

export function asText({ benchmark: { columns }, rows }: Result): string {
  return table([columns, ...rows].map((row) => row.map((cell) => cell.replaceAll('**', ''))));
}

/** The whole document: sections that were measured now, and of the other benchmarks those that it had before. */
export function asMarkdown(
  benchmarks: readonly Benchmark[],
  results: readonly Result[],
  { postgres, date, before }: { postgres: string; date: Date; before: string },
): string {
  const sections = benchmarks.flatMap((benchmark) => {
    const result = results.find((measured) => measured.benchmark === benchmark);
    const text = result ? section(result, date) : sectionOf(before, benchmark);
    return text ? [text] : [];
  });
  return `# What it costs

Everything here is a ratio to what the work costs without Tintype: to plain sharp, to a plain INSERT. Ratios carry over to other
machines much better than rates do; the rates beside them only tell how busy this machine was. Both sides of a ratio run in alternating rounds, and
it is taken within each round: given are the median and, in brackets, the least and the greatest of the rounds. A goal is what we hold a release
to. Where a figure misses it, it stands here all the same.

The pictures are drawn by the program, as photographs of strangers cannot be passed on; they cost a decoder and an encoder what a photograph with as
many bytes per pixel does. Measure on a machine that does nothing else, or the figures are about what else it does.

Written by \`make bench\`, on ${machine()}; ${versions(postgres).join(', ')}.

${sections.join('\n')}`;
}

function section({ benchmark: { title, name, how, columns }, rows }: Result, date: Date): string {
  return `## ${title}

${how} (\`make bench ARGS=${name}\`, ${date.toISOString().slice(0, 10)})

${[line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')}
`;
}

function sectionOf(document: string, { title }: Benchmark): string | undefined {
  const text = document.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  return text && `## ${text.trimEnd()}\n`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, ${type()} ${release()}`;
}

function versions(postgres: string): string[] {
  const redis = redisVersion();
  return [
    `Node.js ${process.versions.node}`,
    `sharp ${sharp.versions.sharp} with libvips ${sharp.versions.vips}`,
    `PostgreSQL ${postgres}`,
    ...(redis ? [redis] : []),
  ];
}
