/** What a page of examples shows, and what there is to show. */
import type { describeApiOffline } from '@tintype/api';
import { shownValue } from './pattern.js';
import type { ShownExchange } from './session.js';

type Description = Awaited<ReturnType<typeof describeApiOffline>>;

/** A route, as the description of the API has it. */
export interface Operation {
  /** `GET /v1/jobs/{id}` */
  readonly name: string;
  /** By status, what is said of it, the codes of problems among it. */
  readonly answers: ReadonlyMap<number, string>;
  /** Names of headers, of requests and of successful answers. */
  readonly requestHeaders: readonly string[];
  readonly responseHeaders: readonly string[];
  readonly serves: (exchange: ShownExchange) => boolean;
}

interface DescribedOperation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly headers?: object }>>;
}

export function operationsOf({ paths }: Description): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, DescribedOperation>).map(([verb, { parameters = [], responses }]) => {
      const method = verb.toUpperCase();
      const shape = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/?]+')}(?:\\?.*)?$`);
      const successes = Object.entries(responses).filter(([status]) => Number(status) < 400);
      return {
        name: `${method} ${path}`,
        answers: new Map(Object.entries(responses).map(([status, { description }]) => [Number(status), description])),
        requestHeaders: parameters.flatMap(({ in: place, name }) => (place === 'header' ? [name] : [])),
        responseHeaders: [...new Set(successes.flatMap(([, { headers }]) => Object.keys(headers ?? {})))],
        serves: (exchange: ShownExchange) => exchange.method === method && shape.test(exchange.target),
      };
    }),
  );
}

export function statusOf({ answer }: ShownExchange): number {
  return Number(answer.start.split(' ')[1]);
}

/** Every object in the body that is shown, and where: `/outputs/0/error`. */
export function shownObjects({
  answer,
  shown,
}: ShownExchange): { readonly at: string; readonly object: Record<string, unknown> }[] {
  const type = answer.headers.get('content-type') ?? '';
  if (shown.body === undefined) return [];
  if (type.includes('json')) return objectsIn(shownValue(shown.body), '');
  if (!type.startsWith('text/event-stream')) return [];
  return [...shown.body.matchAll(/^data: (.*)$/gm)].flatMap(([, data = '']) => objectsIn(shownValue(data), '/event'));
}

function objectsIn(value: unknown, at: string): { at: string; object: Record<string, unknown> }[] {
  if (typeof value !== 'object' || value === null) return [];
  const children = Object.entries(value).flatMap(([key, child]) => objectsIn(child, `${at}/${key}`));
  return Array.isArray(value) ? children : [{ at, object: value as Record<string, unknown> }, ...children];
}
