import type { Express, IRouter } from 'express';

/** `match` is missing from Express's types. */
type Layer = IRouter['stack'][number] & { match(path: string): boolean };

/** The methods that some route has for a path: tells a wrong method (405) from a wrong path (404). */
export function allowedMethods(express: Express, path: string): string[] {
  const methods = new Set<string>();
  for (const layer of express.router.stack as Layer[]) {
    if (!layer.route || !layer.match(path)) continue;
    for (const { method } of layer.route.stack) methods.add(method.toUpperCase());
  }
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}
