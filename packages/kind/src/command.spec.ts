import { CommandFailure, run } from './command.js';

test('a program gets its input, and its output is the result', async () => {
  await expect(run('cat', [], { input: 'a picture' })).resolves.toBe('a picture');
});

test('a program that fails is quoted: its errors, or else its output', async () => {
  await expect(run('sh', ['-c', 'echo fine; echo "no such chart" >&2; exit 3'])).rejects.toThrow(
    /^sh -c .* failed with exit code 3:\nno such chart$/,
  );
  await expect(run('sh', ['-c', 'echo "the test said no"; exit 1'])).rejects.toThrow(
    /failed with exit code 1:\nthe test said no$/,
  );
});

test('of a program that said much, the end is quoted', async () => {
  const failure = run('sh', [
    '-c',
    'for i in 1 2 3 4 5 6 7 8 9; do echo "a$i" >&2; echo "b$i" >&2; echo "c$i" >&2; done; exit 1',
  ]);
  const { message } = (await failure.catch((error: CommandFailure) => error as Error)) as Error;
  expect(message.split('\n').slice(1)).toHaveLength(20);
  expect(message).toMatch(/\nc9$/);
});

test('an aborted program ends', async () => {
  const abort = new AbortController();
  const sleeping = run('sleep', ['60'], { signal: abort.signal });
  abort.abort();
  await expect(sleeping).rejects.toThrow('aborted');
});
