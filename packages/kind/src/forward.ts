/** `make grafana`, `make prometheus` and `make alertmanager`: makes one of them reachable from this machine until Ctrl-C. */
import { Cluster } from './cluster.js';
import { run, runAtTerminal } from './command.js';
import { Complaint, verb } from './complaint.js';
import { type Forward, grafanaPasswordArgs, isForward, isInCluster, localUrl, portForwardArgs } from './forwards.js';
import { readSettings } from './settings.js';
import { checkTools } from './tools.js';

process.exitCode = await verb(async () => {
  const [name] = process.argv.slice(2);
  if (!isForward(name)) throw new Complaint('Say which: grafana, prometheus or alertmanager.');
  await checkTools();
  const cluster = new Cluster(readSettings(process.env).cluster);
  await cluster.expectUp();
  if (!(await isInCluster(cluster, name))) throw new Complaint(absent(name, cluster.name));

  const port = process.env['PORT'] ? Number(process.env['PORT']) : undefined;
  console.log(`${localUrl(name, port)}, until Ctrl-C. PORT=… takes another port.`);
  if (name === 'grafana') console.log(`User admin, password ${await run('kubectl', grafanaPasswordArgs(cluster))}`);
  await runAtTerminal('kubectl', portForwardArgs(cluster, name, port));
});

const titles = { prometheus: 'Prometheus', alertmanager: 'Alertmanager' };

function absent(name: Forward, cluster: string): string {
  if (name !== 'grafana') return `There is no ${titles[name]} in the cluster ${cluster}. Bring it up to date: make up`;
  return `There is no Grafana in the cluster ${cluster}: the chart that KPS_CHART named when it was made brings none.
The numbers are there all the same: make prometheus`;
}
