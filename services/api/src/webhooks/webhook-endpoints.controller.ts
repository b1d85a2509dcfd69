import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { WebhookDeliveries, type WebhookEndpoint, WebhookEndpoints } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import type { CounterOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Request, Response } from 'express';
import { KnownId } from '../http/known-id.pipe.js';
import { problem } from '../http/problems.js';
import { listPage } from '../jobs/list-page.js';
import { hasBody, webhookBody } from './webhook-body.js';
import {
  type WebhookDeliveryDocument,
  webhookDeliveryDocument,
  type WebhookEndpointDocument,
  webhookEndpointDocument,
  type WebhookEndpointList,
  type WebhookEndpointWithSecret,
} from './webhook-documents.js';
import {
  ChangeWebhookEndpointRoute,
  CreateWebhookEndpointRoute,
  DeleteWebhookEndpointRoute,
  FindWebhookEndpointRoute,
  ListWebhookEndpointsRoute,
  RotateWebhookSecretRoute,
  TestWebhookEndpointRoute,
} from './webhook-endpoints.openapi.js';
import { ChangeWebhookEndpoint, CreateWebhookEndpoint, ListWebhookEndpoints, RotateWebhookSecret } from './webhook-requests.js';
import { WebhookTargets } from './webhook-targets.js';
import { WebhookRoutes } from './webhooks.openapi.js';

@WebhookRoutes
@Controller('v1/webhook-endpoints')
export class WebhookEndpointsController {
  constructor(
    private readonly endpoints: WebhookEndpoints,
    private readonly deliveries: WebhookDeliveries,
    private readonly targets: WebhookTargets,
    @InjectMetric(metrics.webhookEndpointsDisabled.name)
    private readonly disabled: CounterOf<typeof metrics.webhookEndpointsDisabled>,
    @InjectMetric(metrics.webhookDeliveriesFailed.name)
    private readonly failed: CounterOf<typeof metrics.webhookDeliveriesFailed>,
  ) {}

  @Post()
  @CreateWebhookEndpointRoute
  async create(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<WebhookEndpointWithSecret> {
    const wanted = await webhookBody(CreateWebhookEndpoint, request, response);
    this.targets.check(wanted.url, '/url');
    const endpoint = await this.endpoints.create(wanted);
    response.set('Location', `/v1/webhook-endpoints/${endpoint.id}`);
    return withSecret(endpoint);
  }

  @Get()
  @ListWebhookEndpointsRoute
  async list(
    @Query({ schema: ListWebhookEndpoints }) { limit, cursor }: ListWebhookEndpoints,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WebhookEndpointList> {
    const { endpoints, next } = await this.endpoints.list({ limit, after: cursor });
    const query = { limit: String(limit) };
    return listPage(response, endpoints.map(webhookEndpointDocument), { path: '/v1/webhook-endpoints', query, next });
  }

  @Get(':id')
  @FindWebhookEndpointRoute
  async find(@Param('id', KnownId) id: string): Promise<WebhookEndpointDocument> {
    const endpoint = await this.endpoints.find(id);
    if (!endpoint) throw noSuchEndpoint();
    return webhookEndpointDocument(endpoint);
  }

  @Patch(':id')
  @ChangeWebhookEndpointRoute
  async change(
    @Param('id', KnownId) id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WebhookEndpointDocument> {
    const changes = await webhookBody(ChangeWebhookEndpoint, request, response);
    if (changes.url !== undefined) this.targets.check(changes.url, '/url');
    const changed = await this.endpoints.change(id, changes);
    if (!changed) throw noSuchEndpoint();
    if (changed.disabled) this.disabled.inc({ reason: 'requested' });
    this.failed.inc({ reason: 'disabled' }, changed.ended);
    return webhookEndpointDocument(changed.endpoint);
  }

  @Delete(':id')
  @HttpCode(204)
  @DeleteWebhookEndpointRoute
  async delete(@Param('id', KnownId) id: string): Promise<void> {
    if (!(await this.endpoints.delete(id))) throw noSuchEndpoint();
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @RotateWebhookSecretRoute
  async rotateSecret(
    @Param('id', KnownId) id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WebhookEndpointWithSecret> {
    const { secret } = hasBody(request) ? await webhookBody(RotateWebhookSecret, request, response) : {};
    const endpoint = await this.endpoints.rotateSecret(id, secret);
    if (!endpoint) throw noSuchEndpoint();
    return withSecret(endpoint);
  }

  @Post(':id/test')
  @HttpCode(202)
  @TestWebhookEndpointRoute
  async test(@Param('id', KnownId) id: string, @Res({ passthrough: true }) response: Response): Promise<WebhookDeliveryDocument> {
    const outcome = await this.deliveries.test(id);
    if (outcome === 'disabled') throw problem('endpoint_disabled', 'Enable it first.');
    const found = outcome === 'not_found' ? undefined : await this.deliveries.find(outcome.id);
    if (!found) throw noSuchEndpoint();
    response.set('Location', `/v1/webhook-deliveries/${found.delivery.id}`);
    return webhookDeliveryDocument(found.delivery);
  }
}

function withSecret(endpoint: WebhookEndpoint): WebhookEndpointWithSecret {
  return { ...webhookEndpointDocument(endpoint), secret: endpoint.secret };
}

function noSuchEndpoint(): Error {
  return problem('not_found', 'There is no such webhook endpoint.');
}
