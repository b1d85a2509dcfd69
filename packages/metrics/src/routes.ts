/**
 * Routes of both services that the cluster asks, and not users, as the label `route` names them: counted, but not timed. A pod that drains
 * or lacks a database says 503 there.
 */
export const probeRoutes = ['/metrics', '/livez', '/readyz', '/startupz'] as const;
