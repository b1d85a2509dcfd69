import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { EventStreams } from './event-streams.js';
import { EventsController } from './events.controller.js';

@Module({ imports: [JobsModule], controllers: [EventsController], providers: [EventStreams] })
export class EventsModule {}
