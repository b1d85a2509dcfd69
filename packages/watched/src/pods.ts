/**
 * The processes as a cluster shows them to Prometheus: targets with the labels that the ServiceMonitors give, and of each what the kubelet
 * and kube-state-metrics tell, measured at the processes.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place, Site } from '@tintype/faults';
import { jobs, type Release } from '@tintype/monitoring';
import { UsageMeter } from './processes.js';
import type { Prometheus, Target } from './programs/prometheus.js';

interface Pod {
  readonly name: string;
  readonly component: 'api' | 'worker';
  readonly place: Place;
}

/** The series about containers that are measured here; there is no other way to have them without a cluster. */
export const measuredOfContainers: readonly string[] = [
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
  'kube_pod_container_status_restarts_total',
];

/** A program that answers, and has nothing to say. */
const elsewhere = '/elsewhere';

/** How soon Prometheus learns of pods that come and go. */
const lookMs = 250;

export class Pods {
  readonly #server: Server;
  readonly #meter = new UsageMeter();
  readonly #stopping = new AbortController();
  #announced = '';
  #misdirected = false;
  #watch: Promise<void> | undefined;

  private constructor(
    private readonly site: Site,
    private readonly release: Release,
  ) {
    this.#server = createServer(({ url }, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      if (url === elsewhere) return void response.end();
      this.#metrics().then(
        (text) => response.end(text),
        () => response.writeHead(500).end(),
      );
    });
  }

  static async open(site: Site, release: Release): Promise<Pods> {
    const pods = new Pods(site, release);
    await once(pods.#server.listen(0, '127.0.0.1'), 'listening');
    return pods;
  }

  /** From now on Prometheus scrapes what there is. */
  show(prometheus: Prometheus): void {
    this.#watch = this.#follow(prometheus);
  }

  /** Whether Prometheus reaches another program where it looks for the API: one that answers, but not with its metrics. */
  set misdirected(misdirected: boolean) {
    this.#misdirected = misdirected;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#watch;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #follow(prometheus: Prometheus): Promise<void> {
    const { signal } = this.#stopping;
    while (await sleep(lookMs, true, { signal }).catch(() => false)) await this.#announce(prometheus);
  }

  async #announce(prometheus: Prometheus): Promise<void> {
    const { targets } = this;
    const text = JSON.stringify(targets);
    if (text === this.#announced) return;
    this.#announced = text;
    await prometheus.scrape(targets);
  }

  /** What there is now. */
  get targets(): Target[] {
    const { port } = this.#server.address() as AddressInfo;
    const pods = this.#pods().map(({ name, component, place }) => {
      const labels = {
        namespace: this.release.namespace,
        job: jobs[component],
        service: `${this.release.fullname}-${component}`,
        pod: name,
      };
      return this.#misdirected && component === 'api'
        ? { address: `127.0.0.1:${port}`, labels: { ...labels, __metrics_path__: elsewhere } }
        : { address: `127.0.0.1:${place.port}`, labels };
    });
    return [...pods, { address: `127.0.0.1:${port}`, labels: { job: 'kubelet' } }];
  }

  #pods(): Pod[] {
    const { apis, workers } = this.site;
    return (
      [
        ['api', apis],
        ['worker', workers],
      ] as const
    ).flatMap(([component, fleet]) =>
      fleet.places.map((place) => ({ name: `${this.release.fullname}-${component}-${place.number}`, component, place })),
    );
  }

  async #metrics(): Promise<string> {
    const pods = this.#pods();
    const usage = await this.#meter.read(new Map(pods.map(({ name, place }) => [name, place.service.pid])));
    const lines = pods.flatMap(({ name, component, place }) => {
      const labels = `{namespace="${this.release.namespace}",pod="${name}",container="${component}"}`;
      const { cpuSeconds = 0, residentBytes = 0 } = usage.get(name) ?? {};
      const values = [cpuSeconds, residentBytes, place.restarts];
      return measuredOfContainers.map((series, index) => `${series}${labels} ${values[index]}`);
    });
    return `${lines.join('\n')}\n`;
  }
}
