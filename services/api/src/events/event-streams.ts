import { type BeforeApplicationShutdown, Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { JobHistory, type JobNews } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import type { CounterOf, GaugeOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Response } from 'express';
import { problem } from '../http/problems.js';
import { JobWatcher } from '../jobs/job-watcher.js';
import { API_SETTINGS, type ApiSettings } from '../settings.js';
import { EventStream, type EventStreamTimes } from './event-stream.js';
import { eventsOf } from './job-event.js';

const usualTimes: EventStreamTimes = { heartbeatMs: 15_000, stallMs: 30_000 };

/** Tells clients what becomes of a job until it has ended, whichever process changes it. */
@Injectable()
export class EventStreams implements BeforeApplicationShutdown {
  private readonly logger = new Logger(EventStreams.name);
  private readonly streams = new Set<EventStream>();

  constructor(
    private readonly history: JobHistory,
    private readonly watcher: JobWatcher,
    @Inject(API_SETTINGS) private readonly settings: Pick<ApiSettings, 'EVENT_STREAMS_MAX'>,
    @InjectMetric(metrics.eventStreamsOpen.name) private readonly open: GaugeOf<typeof metrics.eventStreamsOpen>,
    @InjectMetric(metrics.jobEventsSent.name) private readonly sent: CounterOf<typeof metrics.jobEventsSent>,
    @InjectMetric(metrics.eventStreamsRefused.name) private readonly refused: CounterOf<typeof metrics.eventStreamsRefused>,
    @Optional() private readonly times: EventStreamTimes = usualTimes,
  ) {}

  /**
   * Answers with the events of a job after the version that the client has seen, or from now on; with 204 to who has seen its end,
   * which tells an EventSource not to come again. Resolves when the stream has ended.
   */
  async follow(jobId: string, seen: number | undefined, response: Response): Promise<void> {
    if (this.streams.size >= this.settings.EVENT_STREAMS_MAX) {
      this.refused.inc();
      throw problem('service_unavailable', 'Too many clients follow jobs at the moment.', { headers: { 'Retry-After': '5' } });
    }
    const stream = new EventStream(response, this.times);
    this.streams.add(stream);
    this.open.inc();
    try {
      await this.answer(jobId, seen, response, stream);
    } finally {
      this.streams.delete(stream);
      this.open.dec();
    }
  }

  /** The watcher ends the others: they wait for it. */
  beforeApplicationShutdown(): void {
    for (const stream of this.streams) stream.abandon();
  }

  private async answer(jobId: string, seen: number | undefined, response: Response, stream: EventStream): Promise<void> {
    const news = await this.history.news(jobId, seen ?? 0);
    if (!news) throw problem('not_found', 'There is no such job.');
    if (news.job.finishedAt && news.transitions.length === 0) {
      response.status(204).end();
      return;
    }
    stream.begin();
    if (response.req.method !== 'HEAD') await this.tell(stream, news, seen);
    stream.end();
  }

  private async tell(stream: EventStream, news: JobNews, seenBefore: number | undefined): Promise<void> {
    let seen = seenBefore;
    for (let latest: JobNews | undefined = news; latest; latest = await this.next(latest, stream.closed)) {
      for (const { id, event } of eventsOf(latest, seen)) {
        if (stream.closed.aborted) return;
        await stream.send({ id, type: event.type, data: event });
        this.sent.inc({ type: event.type });
      }
      if (latest.job.finishedAt) return;
      seen = latest.job.version;
    }
  }

  /** Undefined when the job is gone, the signal aborts, or the process stops. */
  private async next({ job: { id, version } }: JobNews, signal: AbortSignal): Promise<JobNews | undefined> {
    while (await this.watcher.changed(id, version, signal)) {
      try {
        return await this.history.news(id, version);
      } catch (err) {
        this.logger.warn('news of a job cannot be read at the moment', { job_id: id, err });
      }
    }
    return undefined;
  }
}
