import { samples } from '@tintype/testing';
import { sniffFormat } from './sniff.js';

test('refuses a format that the settings leave out', async () => {
  const gif = await samples.animatedGif();
  expect(await sniffFormat(gif, ['jpeg', 'gif'])).toBe('gif');
  await expect(sniffFormat(gif, ['jpeg', 'png'])).rejects.toMatchObject({
    status: 415,
    code: 'unsupported_media_type',
    detail: 'The file is image/gif, which is not supported. Accepted are JPEG, PNG.',
  });
});
