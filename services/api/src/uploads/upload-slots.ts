import { Inject, Injectable } from '@nestjs/common';
import { problem } from '../http/problems.js';
import { API_SETTINGS, type ApiSettings } from '../settings.js';

/** Bounds how many large bodies this process receives at a time, and so its memory and its open files. */
@Injectable()
export class UploadSlots {
  private taken = 0;

  constructor(@Inject(API_SETTINGS) private readonly settings: ApiSettings) {}

  /** `receive` must resolve when the body is read. Throws a 503 problem, before any of it is, when all slots are taken. */
  async use<Result>(receive: () => Promise<Result>): Promise<Result> {
    if (this.taken >= this.settings.UPLOADS_IN_FLIGHT_MAX) {
      throw problem('service_unavailable', 'The service is receiving as many uploads as it can.', {
        headers: { 'Retry-After': '1' },
      });
    }
    this.taken += 1;
    try {
      return await receive();
    } finally {
      this.taken -= 1;
    }
  }
}
