/**
 * `make up`: a cluster on this machine with Prometheus, Grafana, Traefik and Tintype. What is there already is brought up to date; what
 * has not changed is left alone. Arguments go to `helm upgrade` of Tintype.
 */
import { Cluster } from './cluster.js';
import { verb } from './complaint.js';
import { type Entrance, findEntrance } from './entrance.js';
import { grafanaPasswordArgs, isInCluster, localUrl, portForwardArgs, typed } from './forwards.js';
import { buildImages, loadImages } from './images.js';
import { onlyOne } from './only-one.js';
import { untilTargetsAreUp } from './prometheus.js';
import { ingressRelease, install, monitoringRelease, type Release, tintypeRelease } from './releases.js';
import { processSample, samplePicture } from './sample-job.js';
import { readSettings } from './settings.js';
import { seconds, Steps } from './steps.js';
import { checkTools } from './tools.js';

process.exitCode = await verb(async () => {
  const settings = readSettings(process.env);
  await checkTools();
  await onlyOne(settings.cluster);
  const cluster = new Cluster(settings.cluster);
  const steps = new Steps();
  const { signal } = steps;

  const built = steps.step('images', 'building tintype/api and tintype/worker', async () => {
    const tags = await buildImages(signal);
    return [tags, `tintype/api:${tags.api}, tintype/worker:${tags.worker}`];
  });
  const started = steps.step('cluster', `looking for ${settings.cluster}, or making it`, async () => {
    return [undefined, await cluster.start(settings.kindConfig, signal)];
  });
  const release = (step: string, which: Release): Promise<void> =>
    steps.step(step, `${which.source.chart} as ${which.namespace}/${which.name}`, async () => {
      const onWait = (text: string): void => steps.note(step, text);
      return [undefined, await install(cluster, which, { signal, onWait })];
    });
  await steps.all([
    started.then(() => release('monitoring', monitoringRelease(settings))),
    started.then(() => release('ingress', ingressRelease(settings))),
    Promise.all([built, started]).then(([tags]) =>
      steps.step('load', 'copying to the nodes what they lack of the images', async () => {
        const loaded = await loadImages(cluster, tags, signal);
        return [undefined, loaded.join(', ') || 'nothing: the nodes have them'];
      }),
    ),
  ]);
  await release('tintype', tintypeRelease(await built, process.argv.slice(2)));

  const entrance = await findEntrance(cluster);
  await steps.step('sample job', `a picture through ${entrance.url}`, async () => [
    undefined,
    await processSample(entrance, signal),
  ]);
  await steps.step('targets', 'asking Prometheus about API and worker', async () => {
    const up = await untilTargetsAreUp(cluster, signal);
    return [undefined, `${up.length} up: ${up.map(({ what }) => what).join(', ')}`];
  });
  console.log(await whatNext(cluster, entrance, steps.tookMs));
});

async function whatNext(cluster: Cluster, { url }: Entrance, tookMs: number): Promise<string> {
  const grafana = (await isInCluster(cluster, 'grafana'))
    ? `${localUrl('grafana')} after
    ${typed(portForwardArgs(cluster, 'grafana'))}
    and the password of admin:
    ${typed(grafanaPasswordArgs(cluster))}`
    : 'not in this cluster: the chart of KPS_CHART brings none';
  return `
Up after ${seconds(tookMs)}.

  the API, to try it   ${url}/docs
  a picture            curl -H 'Prefer: wait=10' -F file=@${samplePicture} -F action=grayscale ${url}/v1/jobs

  Prometheus  ${localUrl('prometheus')} after
    ${typed(portForwardArgs(cluster, 'prometheus'))}
  Grafana  ${grafana}

Next: make status, make logs, make grafana, make prometheus, make alertmanager; make up again after a change; make down.`;
}
