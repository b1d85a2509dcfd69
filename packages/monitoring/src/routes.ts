/** Routes of the API by what their figures mean, as the label `route` names them. */
import { noneOf } from './series.js';

/** Asked for by the cluster, not by users; a pod that drains or lacks a database says 503 there. */
export const probeRoutes = ['/metrics', '/livez', '/readyz', '/startupz'] as const;

/** Answered when a job is done, or as fast as the client takes an image: long times say nothing about the API. */
export const unhurriedRoutes = ['/v1/jobs/:id', '/v1/jobs/:id/outputs/:name'] as const;

/** Requests whose times are the API's own. Uploads take as long as the client's line does. */
export const quick = { method: noneOf('POST'), route: noneOf(...probeRoutes, ...unhurriedRoutes) } as const;
