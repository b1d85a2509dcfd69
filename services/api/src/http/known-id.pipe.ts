import type { PipeTransform } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { problem } from './problems.js';

/** For `@Param('id', KnownId)`: what is no id cannot be that of anything, which needs no look into the database. */
export class KnownId implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!isUuid(id)) throw problem('not_found');
    return id;
  }
}
