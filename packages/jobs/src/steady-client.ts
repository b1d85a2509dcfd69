import pg from 'pg';

/**
 * A connection that breaks says so by an `error` event, and such an event that nobody listens to ends the process. While the pool gives
 * a connection from one user to the next there is a moment without a listener, and the end of a server that is killed comes in the
 * same packet as its last answer. Whoever uses the connection then learns of it by his statement.
 */
export class SteadyClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
