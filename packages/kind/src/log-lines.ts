import { prettyFactory } from 'pino-pretty';
import { tintype } from './releases.js';

/** Makes a line of `kubectl logs --prefix` readable: which pod said it, then the record as text. */
export function logLines(colorize: boolean): (line: string) => string {
  const pretty = prettyFactory({
    colorize,
    singleLine: true,
    ignore: 'pid,hostname,service,version',
    translateTime: 'HH:MM:ss.l',
  });
  return (line) => {
    const [, pod = '', text = line] = /^\[pod\/([^/]+)\/[^\]]+\] (.*)$/s.exec(line) ?? [];
    return `${pod.replace(`${tintype.name}-`, '').padEnd(24)} ${pretty(text).trimEnd()}\n`;
  };
}
