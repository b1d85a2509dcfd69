/** The services, all that they need, and all that watches them, on this machine. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeRun, openRun, Site, type SiteOptions } from '@tintype/faults';
import { type Release, ruleGroups } from '@tintype/monitoring';
import { eventually } from '@tintype/testing';
import { changes, type Mood, moodFiles, moodVariable } from './changes.js';
import { Inbox } from './inbox.js';
import { Pods } from './pods.js';
import { Alertmanager } from './programs/alertmanager.js';
import { Prometheus } from './programs/prometheus.js';
import { exampleRouting, type Routing } from './routing.js';
import { lapsed } from './time-lapse.js';

export const release: Release = { namespace: 'tintype', fullname: 'tintype' };

/** Some alerts are kept for a quarter of an hour, and look back on six. */
const quietWithinMs = 480_000;

/** An hour of the rules in a minute. */
export const lapse = 60;

/** How many there are of each service while nothing is wrong. */
export const replicas = 2;

/** Whatever the rules are like: jobs may name their source by a URL on this machine, and an upload is soon too large. */
const apiEnv = { SOURCE_URL_ENABLED: 'true', UPLOAD_MAX_BYTES: '262144' };
const workerEnv = { SOURCE_URL_ENABLED: 'true', OUTBOUND_ALLOW: '127.0.0.1' };

/** Those of the site; all but the first of one process. */
export const limits = { backlogJobs: 80, uploads: 6, eventStreams: 12, childMemoryMb: 300 } as const;

const reachedSoon = {
  api: {
    BACKLOG_MAX_JOBS: String(limits.backlogJobs),
    UPLOADS_IN_FLIGHT_MAX: String(limits.uploads),
    EVENT_STREAMS_MAX: String(limits.eventStreams),
  },
  worker: {
    JOB_TIMEOUT_SECONDS: '4',
    CHILD_MEMORY_MB: String(limits.childMemoryMb),
    CHILD_MAX_JOBS: '100',
    // So that the upkeep has something to do within a minute, and the small disk stays so.
    RETENTION_RESULTS_HOURS: '0.01',
    RETENTION_RECORDS_HOURS: '0.02',
  },
};

export interface WatchedOptions {
  /** How many times as fast as they ship the rules are; 1: just as they ship, the services unchanged. Default: 60. */
  readonly factor?: number;
}

interface Parts {
  readonly directory: string;
  readonly site: Site;
  readonly inbox: Inbox;
  readonly alertmanager: Alertmanager;
  readonly prometheus: Prometheus;
  readonly pods: Pods;
  readonly routing: Routing;
  readonly close: () => Promise<void>;
}

export class WatchedSite {
  private constructor(
    private readonly parts: Parts,
    /** How many times as fast as they ship the rules are. */
    readonly factor: number,
  ) {}

  static async open({ factor = lapse }: WatchedOptions = {}): Promise<WatchedSite> {
    const closing: (() => Promise<unknown>)[] = [];
    const opened = <T>(part: T, close: (part: T) => Promise<unknown>): T => {
      closing.unshift(() => close(part));
      return part;
    };
    const close = async (): Promise<void> => {
      for (const closePart of closing) await closePart();
    };
    try {
      await openRun();
      closing.unshift(closeRun);
      const directory = opened(await mkdtemp(join(tmpdir(), 'tintype-watched-')), (path) => rm(path, { recursive: true }));
      await chmod(directory, 0o711); // PostgreSQL's own account passes through it.
      const site = opened(await Site.open(siteOptions(directory, factor)), (part) => part.close({ keep: false }));
      const inbox = opened(await Inbox.open(), (part) => part.close());
      const routing = await exampleRouting(factor, inbox.url);
      const alertmanager = opened(
        await Alertmanager.start({ directory: join(directory, 'alertmanager'), configuration: routing.configuration }),
        (part) => part.stop(),
      );
      const pods = opened(await Pods.open(site, release), (part) => part.close());
      const prometheus = opened(
        await Prometheus.start({
          directory: join(directory, 'prometheus'),
          rules: factor === 1 ? ruleGroups(release) : lapsed(ruleGroups(release), factor),
          targets: pods.targets,
          alertmanagerUrl: alertmanager.url,
          intervalSeconds: intervalSeconds(factor),
        }),
        (part) => part.stop(),
      );
      pods.show(prometheus);
      const watched = new WatchedSite({ directory, site, inbox, alertmanager, prometheus, pods, routing, close }, factor);
      await watched.untilQuiet(() => true);
      // Until the first scrapes an API is not seen, which seems to it as if there were none.
      inbox.clear();
      return watched;
    } catch (error) {
      await close();
      throw error;
    }
  }

  get site(): Site {
    return this.parts.site;
  }

  get inbox(): Inbox {
    return this.parts.inbox;
  }

  get pods(): Pods {
    return this.parts.pods;
  }

  get alertmanager(): Alertmanager {
    return this.parts.alertmanager;
  }

  get prometheus(): Prometheus {
    return this.parts.prometheus;
  }

  /** Between two scrapes, and between two evaluations of a rule. */
  get intervalSeconds(): number {
    return intervalSeconds(this.factor);
  }

  /** The longest that Alertmanager takes to tell of an alert. */
  get tellingSeconds(): number {
    return this.parts.routing.tellingSeconds;
  }

  /** What a fault makes the services do, see changes.ts: as long as the file exists. */
  get moodFiles(): Readonly<Record<Mood, string>> {
    return moodFiles(this.parts.directory);
  }

  /** Where the package.json of an older version may be put. */
  get olderPackage(): string {
    return join(this.parts.directory, 'older-package.json');
  }

  /** Resolves when all pods are seen and none of these alerts holds, by its name. */
  async untilQuiet(which: (alert: string) => boolean): Promise<void> {
    await eventually(
      async () => {
        const up = (await this.prometheus.query('up == 1')).length;
        const loud = (await this.prometheus.alerts()).map(({ labels }) => labels['alertname'] ?? '').filter(which);
        if (up === this.pods.targets.length && loud.length === 0) return true;
        throw new Error(`${up} of ${this.pods.targets.length} targets are up; these alerts hold: ${loud.join(', ')}`);
      },
      { timeoutMs: quietWithinMs, everyMs: 250 },
    );
  }

  async close(): Promise<void> {
    await this.parts.close();
  }
}

/** As often as by default on a laptop, or as often as is needed for the shortest windows. */
function intervalSeconds(factor: number): number {
  return factor === 1 ? 15 : 1;
}

function siteOptions(directory: string, factor: number): SiteOptions {
  const isLapsed = factor > 1;
  const shared = { apis: replicas, workers: replicas, concurrency: 3, webhooks: true };
  if (!isLapsed) return { ...shared, apiEnv, workerEnv };
  return {
    ...shared,
    relayed: true,
    mischief: true,
    storage: 'frail',
    changes,
    apiEnv: { ...apiEnv, ...reachedSoon.api, [moodVariable]: directory },
    workerEnv: { ...workerEnv, ...reachedSoon.worker },
  };
}
