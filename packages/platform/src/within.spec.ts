import { within } from './within.js';

describe('within', () => {
  test('settles as the work does when that is in time', async () => {
    await expect(within(1000, Promise.resolve(7))).resolves.toBe(7);
    await expect(within(1000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  test('rejects when the time is over', async () => {
    await expect(within(5, new Promise(() => {}))).rejects.toThrow('It took longer than 5 ms');
  });
});
