import { Module } from '@nestjs/common';
import { ProcessingModule } from '../processing/processing.module.js';
import { Dispatcher } from './dispatcher.js';
import { LeaseSweeper } from './lease-sweeper.js';
import { QueueMemory } from './queue-memory.js';
import { wakeQueueProvider } from './wake-queue.js';

@Module({
  imports: [ProcessingModule],
  providers: [wakeQueueProvider, QueueMemory, Dispatcher, LeaseSweeper],
  exports: [Dispatcher],
})
export class DispatchModule {}
