/** Routes of the API by what their figures mean, as the label `route` names them. */
import { probeRoutes } from '@tintype/metrics';
import { noneOf } from './series.js';

/** Requests of users. */
export const byUsers = { route: noneOf(...probeRoutes) };

/** Answered when a job is done, or as fast as the client takes an image: long times say nothing about the API. */
export const unhurriedRoutes = ['/v1/jobs/:id', '/v1/jobs/:id/outputs/:name'] as const;

/** Requests whose times are the API's own. Uploads take as long as the client's line does. */
export const quick = { method: noneOf('POST'), route: noneOf(...probeRoutes, ...unhurriedRoutes) } as const;
