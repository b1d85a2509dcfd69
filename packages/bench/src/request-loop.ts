/** `request-loop.js URL BODY CONNECTIONS`: posts a JSON body on so many connections, over and over, and expects 202. */
import { Agent, request } from 'node:http';
import { repeatOnDemand } from './loop.js';

const [url = '', body = '', connections = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };

repeatOnDemand(post, Number(connections));

function post(): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 202) resolve();
        else reject(new Error(`answered with ${response.statusCode}`));
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
