/** The connections to PostgreSQL, with an eye on them: all statements go through here, TypeORM's as well as ours. */
import { AsyncResource } from 'node:async_hooks';
import pg from 'pg';
import { kindOf, type StatementKind } from './statements.js';
import { SteadyClient } from './steady-client.js';

/** `connection`: there was none, or it broke. `timeout`: no answer in time. `refused`: PostgreSQL answered with an error. */
export type StatementFailure = 'connection' | 'timeout' | 'refused';

/** Told of statements once they have ended, from within the asynchronous context of who ran them; what it throws ends the process. */
export interface StatementObserver {
  /** Well or not. `seconds`: since it was given to a free connection. */
  ended(kind: StatementKind, seconds: number): void;
  /** Also of one that never got a connection. */
  failed(reason: StatementFailure): void;
}

export interface PoolState {
  readonly idle: number;
  readonly used: number;
  /** The most connections that there may be. */
  readonly max: number;
  /** Statements and transactions that wait for a connection. */
  readonly waiting: number;
}

type Callback = (error: Error | null | undefined, ...results: unknown[]) => void;
type Method = (...args: unknown[]) => unknown;

/** For the option `driver` of TypeORM. */
export function measuredDriver(observer: StatementObserver): { readonly Pool: typeof pg.Pool } {
  class MeasuredClient extends SteadyClient {
    override readonly query = ((...args: unknown[]): unknown => {
      const kind = kindOf(args[0]);
      const started = performance.now();
      const ended = (error?: unknown) => {
        observer.ended(kind, (performance.now() - started) / 1000);
        if (error) observer.failed(failureOf(error));
      };
      const query = pg.Client.prototype.query as Method;
      return observed(query.bind(this), args, ended);
    }) as pg.Client['query'];
  }

  return {
    Pool: class MeasuredPool extends pg.Pool {
      constructor(options?: pg.PoolConfig) {
        super({ ...options, Client: MeasuredClient } as pg.PoolConfig);
      }

      override readonly connect = ((...args: unknown[]): unknown => {
        const ended = (error?: unknown) => {
          if (error) observer.failed('connection');
        };
        const connect = pg.Pool.prototype.connect as Method;
        return observed(connect.bind(this), args, ended);
      }) as pg.Pool['connect'];
    },
  };
}

/** Calls a method of node-postgres, which tells its end by a callback if it is given one, else by a promise. */
function observed(method: Method, args: unknown[], ended: (error?: unknown) => void): unknown {
  const last = args.at(-1);
  if (typeof last === 'function') {
    const callback = last as Callback;
    // A callback is called from within whatever made its connection: it is to belong to whoever wants its result.
    const tell = AsyncResource.bind((...results: Parameters<Callback>) => {
      ended(results[0]);
      callback(...results);
    });
    return method(...args.slice(0, -1), tell);
  }
  const result = method(...args);
  if (result instanceof Promise) result.then(() => ended(), ended);
  return result;
}

const timeouts = new Set(['57014' /* query_canceled */, '55P03' /* lock_not_available */, '25P03' /* idle in transaction */]);

function failureOf(error: unknown): StatementFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (timeouts.has(code) || (error instanceof Error && error.message === 'Query read timeout')) return 'timeout';
  // Classes 08 (connection) and 57P (shutdown, crash, start), and too_many_connections: PostgreSQL's last words on a connection.
  if (/^(08...|57P..|53300)$/.test(code)) return 'connection';
  return /^[0-9A-Z]{5}$/.test(code) && error instanceof pg.DatabaseError ? 'refused' : 'connection';
}
