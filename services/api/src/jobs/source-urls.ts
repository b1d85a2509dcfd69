import { Inject, Injectable } from '@nestjs/common';
import type { NewSource } from '@tintype/jobs';
import { Outbound } from '@tintype/outbound';
import { problem } from '../http/problems.js';
import { maxFaults, validationFailed } from '../http/validation.js';
import { API_SETTINGS, type ApiSettings } from '../settings.js';

/** The URLs by which jobs may name their sources. */
@Injectable()
export class SourceUrls {
  constructor(
    private readonly outbound: Outbound,
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
  ) {}

  /**
   * Throws a 422 problem where such URLs are turned off, or one of them tells by itself that its server must not be asked. What its
   * name resolves to is known only when it is asked. Each source comes with a pointer to it.
   */
  check(sources: readonly (readonly [pointer: string, source: NewSource])[]): void {
    const urls = sources.flatMap(([pointer, source]) =>
      'url' in source ? [{ pointer: `${pointer}/url`, url: source.url }] : [],
    );
    if (urls.length > 0 && !this.settings.SOURCE_URL_ENABLED) {
      const fault = { code: 'source_url_disabled', detail: 'sources are not fetched here: send the file' };
      throw problem('source_url_disabled', undefined, {
        errors: urls.slice(0, maxFaults).map(({ pointer }) => ({ pointer, ...fault })),
      });
    }
    const faults = urls.flatMap(({ pointer, url }) => {
      const refusal = this.outbound.refusal(url);
      return refusal ? [{ pointer, code: 'forbidden_address', detail: refusal.message }] : [];
    });
    if (faults.length > 0) throw validationFailed(faults);
  }
}
