import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { JobHistory } from '@tintype/jobs';
import type { Request, Response } from 'express';
import { KnownId } from '../http/known-id.pipe.js';
import { problem } from '../http/problems.js';
import { EventStreams } from './event-streams.js';
import { EventRoutes, FindHistoryRoute, FollowJobRoute } from './events.openapi.js';
import { FollowJob, type JobHistoryDocument } from './events-requests.js';

@EventRoutes
@Controller('v1/jobs/:id')
export class EventsController {
  constructor(
    private readonly streams: EventStreams,
    private readonly history: JobHistory,
  ) {}

  @Get('events')
  @FollowJobRoute
  async follow(
    @Param('id', KnownId) id: string,
    @Query({ schema: FollowJob }) { last_event_id }: FollowJob,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (!request.accepts('text/event-stream')) throw problem('not_acceptable', 'Events are text/event-stream.');
    // The header is the newer one: a client that comes again sends it with the address that it began with.
    await this.streams.follow(id, lastEventId(request) ?? last_event_id, response);
  }

  @Get('history')
  @FindHistoryRoute
  async find(@Param('id', KnownId) id: string): Promise<JobHistoryDocument> {
    const transitions = await this.history.find(id);
    if (!transitions) throw problem('not_found', 'There is no such job.');
    return { data: [...transitions] };
  }
}

/** What is none of our ids is ignored: then the client gets the present state, which is never wrong. */
function lastEventId(request: Request): number | undefined {
  const id = request.get('last-event-id');
  return id !== undefined && /^\d{1,9}$/.test(id) ? Number(id) : undefined;
}
