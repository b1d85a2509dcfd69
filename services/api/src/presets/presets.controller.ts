import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Preset, PresetNotFound, Presets } from '@tintype/operations';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { ApiNotModified } from '../docs/api-not-modified.js';
import { ApiProblems } from '../docs/api-problems.js';
import { responseHeaders } from '../docs/response-headers.js';
import { problem } from '../http/problems.js';
import { StaticDocument } from '../http/static-document.js';
import { PRESETS } from './presets.token.js';

const PresetList = z.strictObject({ data: z.array(Preset) }).meta({ id: 'PresetList' });

@ApiTags('Catalogue')
@Controller('v1/presets')
export class PresetsController {
  private readonly all: StaticDocument;

  constructor(@Inject(PRESETS) private readonly presets: Presets) {
    this.all = new StaticDocument({ data: presets.list() });
  }

  @Get()
  @ApiOperation({ operationId: 'listPresets', summary: 'List the presets, in all their versions' })
  @ApiResponse({ status: 200, description: 'The presets', standardSchema: PresetList, headers: responseHeaders('ETag') })
  @ApiNotModified()
  @ApiProblems()
  list(@Req() request: Request, @Res() response: Response): void {
    this.all.send(request, response);
  }

  @Get(':name')
  @ApiOperation({ operationId: 'getPreset', summary: 'Get a preset' })
  @ApiParam({ name: 'name', description: '`name@version`, or `name` for the highest version', schema: { type: 'string' } })
  @ApiResponse({ status: 200, description: 'The preset', standardSchema: Preset })
  @ApiProblems('not_found')
  find(@Param('name') name: string): Preset {
    try {
      return this.presets.get(name);
    } catch (error) {
      throw error instanceof PresetNotFound ? problem('not_found', `${error.message}.`) : error;
    }
  }
}
