import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { WebhookDeliveries } from '@tintype/jobs';
import type { Request, Response } from 'express';
import { KnownId } from '../http/known-id.pipe.js';
import { problem } from '../http/problems.js';
import { listPage } from '../jobs/list-page.js';
import { webhookBody } from './webhook-body.js';
import {
  FindWebhookDeliveryRoute,
  ListWebhookDeliveriesRoute,
  RedeliverWebhookRoute,
  RedeliverWebhooksRoute,
} from './webhook-deliveries.openapi.js';
import {
  type RedeliveredWebhooks,
  webhookAttemptDocument,
  webhookDeliveryDocument,
  type WebhookDeliveryList,
  type WebhookDeliveryWithAttempts,
} from './webhook-documents.js';
import { ListWebhookDeliveries, RedeliverWebhooks } from './webhook-requests.js';
import { WebhookRoutes } from './webhooks.openapi.js';

@WebhookRoutes
@Controller('v1/webhook-deliveries')
export class WebhookDeliveriesController {
  constructor(private readonly deliveries: WebhookDeliveries) {}

  @Get()
  @ListWebhookDeliveriesRoute
  async list(
    @Query({ schema: ListWebhookDeliveries }) { endpoint_id, job_id, status, limit, cursor }: ListWebhookDeliveries,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WebhookDeliveryList> {
    const filter = { endpointId: endpoint_id, jobId: job_id, status };
    const { deliveries, next } = await this.deliveries.list({ ...filter, limit, after: cursor });
    const query = { endpoint_id, job_id, status, limit: String(limit) };
    return listPage(response, deliveries.map(webhookDeliveryDocument), { path: '/v1/webhook-deliveries', query, next });
  }

  @Get(':id')
  @FindWebhookDeliveryRoute
  async find(@Param('id', KnownId) id: string): Promise<WebhookDeliveryWithAttempts> {
    const found = await this.deliveries.find(id);
    if (!found) throw noSuchDelivery();
    return { ...webhookDeliveryDocument(found.delivery), attempts: found.attempts.map(webhookAttemptDocument) };
  }

  @Post(':id/redeliver')
  @HttpCode(202)
  @RedeliverWebhookRoute
  async redeliver(@Param('id', KnownId) id: string): Promise<WebhookDeliveryWithAttempts> {
    const outcome = await this.deliveries.redeliver(id);
    if (outcome === 'not_found') throw noSuchDelivery();
    if (outcome === 'pending') throw problem('delivery_pending', 'It is delivered without that.');
    if (outcome === 'disabled') throw problem('endpoint_disabled', 'Enable its endpoint first.');
    return this.find(id);
  }

  @Post('redeliver')
  @HttpCode(202)
  @RedeliverWebhooksRoute
  async redeliverRange(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<RedeliveredWebhooks> {
    const { since, until, endpoint_id: endpointId, status } = await webhookBody(RedeliverWebhooks, request, response);
    const range = { since: new Date(since), until: until === undefined ? undefined : new Date(until), endpointId, status };
    return { redelivered: await this.deliveries.redeliverRange(range) };
  }
}

function noSuchDelivery(): Error {
  return problem('not_found', 'There is no such webhook delivery.');
}
