import dns, { type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { Agent, buildConnector, errors, fetch, Headers, type Response } from 'undici';
import { AddressPolicy } from './address-policy.js';
import { ForbiddenAddressError } from './forbidden-address-error.js';

/** As `dns.lookup`. */
export type Lookup = (
  hostname: string,
  options: { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface OutboundOptions {
  /** As OUTBOUND_ALLOW. */
  readonly allow: readonly string[];
  /** Default: that of the operating system. */
  readonly lookup?: Lookup;
}

export interface OutboundRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the name, the connection and TLS together. */
  readonly connectTimeoutMs: number;
  /** From the end of the request to the headers of the response. */
  readonly headersTimeoutMs: number;
  /** Bounds the request as a whole, the body of the response included. */
  readonly signal: AbortSignal;
}

const userAgent = 'Tintype';
/** Names that stand for the own machine (RFC 6761). */
const localhost = /^(.+\.)?localhost$/;

/**
 * Asks other servers by URLs that strangers have chosen, and never one that only this network can reach. What a name resolves to is
 * looked at when the connection is made, and that very address is connected to: a second answer of its name server changes nothing.
 */
export class Outbound {
  readonly #policy: AddressPolicy;
  readonly #lookup: Lookup;
  /** By the time that they give a connection. */
  readonly #agents = new Map<number, Agent>();

  constructor({ allow, lookup = dns.lookup }: OutboundOptions) {
    this.#policy = new AddressPolicy(allow);
    this.#lookup = lookup;
  }

  /**
   * Resolves to any response, a redirect included: none is followed. Its body must be read or canceled. Rejects with the reason of
   * `signal`, with a ForbiddenAddressError, and else as `fetch` does: with a TypeError that has the fault of the network as its `cause`.
   */
  async fetch(url: string, { connectTimeoutMs, headersTimeoutMs, ...request }: OutboundRequest): Promise<Response> {
    const target = new URL(url);
    const refusal = formRefusal(target);
    if (refusal) throw refusal;
    const headers = new Headers(request.headers);
    if (!headers.has('user-agent')) headers.set('user-agent', userAgent);
    const dispatcher = this.#agent(connectTimeoutMs).compose(
      (dispatch) => (options, handler) => dispatch({ ...options, headersTimeout: headersTimeoutMs }, handler),
    );
    try {
      return await fetch(target, { ...request, headers, dispatcher, redirect: 'manual' });
    } catch (error) {
      throw refusalBy(error, target) ?? error;
    }
  }

  /** Why `fetch` would refuse this URL, where that can be told without asking a name server. */
  refusal(url: string): ForbiddenAddressError | undefined {
    const target = new URL(url);
    const host = target.hostname.replaceAll(/[[\]]/g, '');
    const address = isIP(host) ? host : localhost.test(host) ? '127.0.0.1' : undefined;
    const permitted = address === undefined || this.#policy.permits(address, host);
    return formRefusal(target) ?? (permitted ? undefined : new ForbiddenAddressError(host));
  }

  /** Resolves when all requests have ended; idle connections are closed at once. */
  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.close()));
  }

  #agent(connectTimeoutMs: number): Agent {
    const agent = this.#agents.get(connectTimeoutMs) ?? new Agent({ connect: this.#connector(connectTimeoutMs) });
    this.#agents.set(connectTimeoutMs, agent);
    return agent;
  }

  /** Addresses within URLs are connected to without a lookup, so both are guarded; and what was connected to in the end is looked at again. */
  #connector(timeout: number): buildConnector.connector {
    const connect = buildConnector({
      timeout,
      autoSelectFamily: true,
      lookup: (host, _options, callback) => {
        this.#lookup(host, { all: true }, (error, addresses) => {
          if (error) return callback(error, []);
          const permitted = addresses.every(({ address }) => this.#policy.permits(address, host));
          return permitted ? callback(null, addresses) : callback(new ForbiddenAddressError(host), []);
        });
      },
    });
    return (options, callback) => {
      const { hostname: host } = options;
      if (isIP(host) && !this.#policy.permits(host, host)) return callback(new ForbiddenAddressError(host), null);
      return connect(options, (...result) => {
        const [error, socket] = result;
        if (error) return callback(error, null);
        const { remoteAddress: address } = socket;
        if (address !== undefined && this.#policy.permits(address, host)) return callback(...result);
        socket.destroy();
        return callback(
          address === undefined ? new Error(`${host} closed the connection`) : new ForbiddenAddressError(host),
          null,
        );
      });
    };
  }
}

/** Whether `error`, with which a request or the body of its response has ended, says that the server took too long. */
export function isTimeout(error: unknown): boolean {
  const cause = error instanceof TypeError ? error.cause : error;
  return (
    cause instanceof errors.ConnectTimeoutError ||
    cause instanceof errors.HeadersTimeoutError ||
    cause instanceof errors.BodyTimeoutError ||
    (cause instanceof DOMException && cause.name === 'TimeoutError')
  );
}

function formRefusal({ protocol, host, username, password }: URL): ForbiddenAddressError | undefined {
  if (protocol !== 'http:' && protocol !== 'https:') return new ForbiddenAddressError(host, 'is not asked by http or https');
  if (username || password) return new ForbiddenAddressError(host, 'is asked with a user name or password in the URL');
  return undefined;
}

function refusalBy(error: unknown, { host }: URL): ForbiddenAddressError | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof ForbiddenAddressError) return cause;
  if (cause instanceof Error && cause.message === 'bad port')
    return new ForbiddenAddressError(host, 'has a port that is not for HTTP');
  return undefined;
}
