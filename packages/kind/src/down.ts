/** `make down`: deletes the cluster, with everything in it. The images stay in Docker, where the next `make up` finds them. */
import { Cluster } from './cluster.js';
import { run } from './command.js';
import { verb } from './complaint.js';
import { readSettings } from './settings.js';
import { checkTools } from './tools.js';

process.exitCode = await verb(async () => {
  await checkTools();
  const cluster = new Cluster(readSettings(process.env).cluster);
  if (!(await cluster.exists())) {
    console.log(`There is no cluster ${cluster.name}.`);
    return;
  }
  await run('kind', ['delete', 'cluster', '--name', cluster.name]);
  console.log(`Deleted the cluster ${cluster.name}, with its jobs and pictures.`);
});
