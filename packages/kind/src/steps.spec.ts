import { Steps } from './steps.js';

let lines: string[];
beforeEach(() => {
  lines = [];
  jest.spyOn(console, 'log').mockImplementation((line: string) => lines.push(line));
});
afterEach(() => jest.restoreAllMocks());

test('a step is announced when it begins, and told with its time when it is done', async () => {
  const steps = new Steps();
  const result = await steps.step('cluster', 'making it', async () => {
    expect(lines).toEqual(['cluster              making it …']);
    steps.note('cluster', 'half of it');
    return [42, 'one node'];
  });

  expect(result).toBe(42);
  expect(lines.slice(1)).toEqual(['cluster              half of it', expect.stringMatching(/^cluster {7}0\.\d s {2}one node$/)]);
});

test('when one of several fails, the others are aborted, and its failure is the one that counts', async () => {
  const steps = new Steps();
  const endless = steps.step('images', 'building', () => untilAborted(steps.signal));
  const failing = steps.step('cluster', 'making it', () => Promise.reject(new Error('no space')));

  await expect(steps.all([endless, failing])).rejects.toThrow('no space');
  await expect(steps.step('tintype', 'installing', async () => [1, ''])).rejects.toThrow('aborted');
  expect(lines.filter((line) => line.includes('FAILED'))).toEqual([expect.stringMatching(/^cluster /)]);
});

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}
