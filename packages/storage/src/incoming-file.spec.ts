import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { FileTooLargeError, IncomingFile } from './incoming-file.js';

function chunks(...texts: string[]): AsyncIterator<Uint8Array> {
  return Readable.from(texts.map((text) => Buffer.from(text)))[Symbol.asyncIterator]();
}

async function read(file: IncomingFile, maxBytes = 1000): Promise<string> {
  return Buffer.concat(await Readable.from(file.body(maxBytes)).toArray()).toString();
}

test.each([
  [['a', 'bc', 'def', 'g'], 'abc'],
  [['abcdef', 'g'], 'abcdef'],
  [['ab'], 'ab'],
  [[], ''],
])('shows the first bytes of %j, and then gives all of them, counted and hashed', async (texts, head) => {
  const file = await IncomingFile.begin(chunks(...texts), 3);
  expect(Buffer.from(file.head).toString()).toBe(head);
  const whole = texts.join('');
  expect(await read(file)).toBe(whole);
  expect(file.bytes).toBe(whole.length);
  expect(file.sha256()).toBe(createHash('sha256').update(whole).digest('hex'));
});

test('lets as many bytes through as are accepted, and not one more', async () => {
  expect(await read(await IncomingFile.begin(chunks('abc', 'de'), 1), 5)).toBe('abcde');
  await expect(read(await IncomingFile.begin(chunks('abc', 'def'), 1), 5)).rejects.toThrow(new FileTooLargeError(5));
  await expect(read(await IncomingFile.begin(chunks('abcdef'), 1), 5)).rejects.toThrow(FileTooLargeError);
});
