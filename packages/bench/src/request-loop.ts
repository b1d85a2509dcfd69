/**
 * `request-loop.js URL BODY CONNECTIONS`: posts a JSON body on so many keep-alive connections, over and over, and expects 202. On
 * bare sockets: a whole HTTP client would take as much of the machine as the service that is to be measured.
 */
import { connect, type Socket } from 'node:net';
import { repeatOnDemand } from './loop.js';

const [address = '', body = '', connections = ''] = process.argv.slice(2);
const url = new URL(address);
const request = `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const idle = Array.from({ length: Number(connections) }, () => connect(Number(url.port), url.hostname));
repeatOnDemand(post, idle.length);

async function post(): Promise<void> {
  const socket = idle.pop();
  if (!socket) throw new Error('more requests at a time than connections');
  socket.write(request);
  const answer = await wholeAnswer(socket);
  if (!answer.startsWith('HTTP/1.1 202 ')) throw new Error(answer);
  idle.push(socket);
}

function wholeAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const read = (bytes: Buffer): void => {
      answer += bytes.toString('latin1');
      const end = answer.indexOf('\r\n\r\n') + 4;
      const length = /^content-length: (\d+)\r$/im.exec(answer)?.[1];
      if (end < 4 || length === undefined || answer.length < end + Number(length)) return;
      socket.off('data', read).off('error', reject);
      resolve(answer);
    };
    socket.on('data', read).on('error', reject);
  });
}
