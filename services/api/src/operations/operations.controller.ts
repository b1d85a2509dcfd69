import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { catalogue } from '@tintype/operations';
import type { Request, Response } from 'express';
import { ApiNotModified } from '../docs/api-not-modified.js';
import { ApiProblems } from '../docs/api-problems.js';
import { responseHeaders } from '../docs/response-headers.js';
import { StaticDocument } from '../http/static-document.js';

const document = new StaticDocument(catalogue);

@ApiTags('Catalogue')
@Controller('v1/operations')
export class OperationsController {
  @Get()
  @ApiOperation({
    operationId: 'listOperations',
    summary: 'What this version can do',
    description: 'All operations, formats and analyses with the JSON schemas of their options.',
  })
  @ApiResponse({
    status: 200,
    description: 'The catalogue',
    content: { 'application/json': {} },
    headers: responseHeaders('ETag'),
  })
  @ApiNotModified()
  @ApiProblems()
  list(@Req() request: Request, @Res() response: Response): void {
    document.send(request, response);
  }
}
