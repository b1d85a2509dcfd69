/** `make status`: nodes, releases, pods and what Prometheus scrapes, on one screen. */
import { Cluster } from './cluster.js';
import { CommandFailure } from './command.js';
import { verb } from './complaint.js';
import { type Target, targets } from './prometheus.js';
import { ingress, monitoring, tintype } from './releases.js';
import { readSettings } from './settings.js';
import { table } from './table.js';
import { checkTools } from './tools.js';

process.exitCode = await verb(async () => {
  await checkTools();
  const cluster = new Cluster(readSettings(process.env).cluster);
  await cluster.expectUp();
  const sections = await Promise.all([
    cluster.kubectl(['get', 'nodes']),
    cluster.helm(['list', '--all-namespaces']).then(withoutTimes),
    pods(cluster),
    targets(cluster).then(targetTable, (error: unknown) => {
      if (error instanceof CommandFailure) return `Prometheus does not answer.\n${error.errors}`;
      throw error;
    }),
  ]);
  console.log(sections.map((section) => section.trimEnd()).join('\n\n'));
});

async function pods(cluster: Cluster): Promise<string> {
  const listings = await Promise.all(
    [tintype, monitoring, ingress].map(({ namespace }) => cluster.kubectl(['get', 'pods', '--namespace', namespace])),
  );
  return listings.map((listing) => listing.trimEnd()).join('\n');
}

/** Helm's column of nanoseconds would break every line. */
function withoutTimes(listing: string): string {
  return listing
    .trimEnd()
    .split('\n')
    .map((line) =>
      line
        .split('\t')
        .filter((_, column) => column !== 3)
        .join(' '),
    )
    .join('\n');
}

function targetTable(all: readonly Target[]): string {
  return table([
    ['MONITOR', 'TARGET', 'HEALTH', ''],
    ...all
      .toSorted((a, b) => rank(a).localeCompare(rank(b)))
      .map(({ monitor, what, health, error }) => [monitor, what, health, error]),
  ]);
}

/** Ours first. */
function rank({ monitor, what }: Target): string {
  return `${monitor.startsWith(`${tintype.namespace}/`) ? 0 : 1}${monitor} ${what}`;
}
