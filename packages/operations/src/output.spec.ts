import { actionsOf, encodingOf, Output, OutputRequest, references } from './output.js';

const uuid = '0198c0de-0000-7000-8000-000000000001';

describe('an output', () => {
  test('has its defaults filled in', () => {
    expect(OutputRequest.parse({ name: 'card', format: 'jpeg', operations: [{ operation: 'blur' }] })).toEqual({
      name: 'card',
      operations: [{ operation: 'blur', sigma: 3 }],
      format: 'jpeg',
      quality: 80,
      progressive: false,
      chromaSubsampling: '4:2:0',
      mozjpeg: false,
      metadata: 'strip',
      profile: 'keep',
    });
  });

  test('keeps the format of its source without one, and may have no operations', () => {
    expect(OutputRequest.parse({ name: 'same' })).toEqual({ name: 'same', operations: [], metadata: 'strip', profile: 'keep' });
  });

  test('may be an analysis or a preset', () => {
    expect(OutputRequest.parse({ name: 'a', analysis: 'thumbhash' })).toEqual({
      name: 'a',
      analysis: 'thumbhash',
      operations: [],
    });
    expect(OutputRequest.parse({ name: 'a', preset: 'thumbnail@1' })).toEqual({ name: 'a', preset: 'thumbnail@1' });
  });

  test.each([
    ['an unknown format', { name: 'a', format: 'jxl' }, 'format', "Expected 'avif' | 'gif'"],
    ['an option of another format', { name: 'a', format: 'jpeg', palette: true }, '', 'Unrecognized key: "palette"'],
    ['an option that needs a format', { name: 'a', progressive: true }, '', 'Unrecognized key: "progressive"'],
    ['a name that cannot be in a URL', { name: 'a/b' }, 'name', 'Expected 1 to 64 letters'],
    ['no name', {}, 'name', 'expected string'],
    ['something else', 'thumbnail', '', 'expected object'],
    ['an unknown operation', { name: 'a', operations: [{ operation: 'resise' }] }, 'operations.0.operation', "'resize'"],
    ['a wrong option', { name: 'a', operations: [{ operation: 'blur', sigma: -1 }] }, 'operations.0.sigma', '>=0.3'],
    [
      'a resize to nothing',
      { name: 'a', operations: [{ operation: 'resize' }] },
      'operations.0.width',
      'a width, a height or both',
    ],
    ['half an offset', overlay({ left: 1 }), 'operations.0.top', 'both left and top'],
    ['an upload that is none', overlay({ image: { upload_id: '7' } }), 'operations.0.image.upload_id', 'UUID'],
    ['half a reference', overlay({ image: { job_id: uuid } }), 'operations.0.image.output', 'expected string'],
    ['a word that is no colour', tint('bluish'), 'operations.0.tint', 'a CSS name'],
    ['a broken hex colour', tint('#12345'), 'operations.0.tint', '#rrggbb'],
    ['a colour out of range', tint({ r: 256, g: 0, b: 0 }), 'operations.0.tint.r', '<=255'],
    ['both radius and percentage', corners({ radius: 1, percent: 2 }), 'operations.0.radius', 'either'],
    [
      'a late autoOrient',
      { name: 'a', operations: [{ operation: 'flip' }, { operation: 'autoOrient' }] },
      'operations.1.operation',
      'first',
    ],
    ['text that shows nothing', text(' \n '), 'operations.0.text', 'something to read'],
    ['text with a NUL', text('a\0b'), 'operations.0.text', 'control characters'],
    ['an unknown analysis', { name: 'a', analysis: 'mood' }, 'analysis', '"thumbhash"'],
    ['a format of an analysis', { name: 'a', analysis: 'thumbhash', format: 'png' }, '', 'Unrecognized key: "format"'],
    [
      'operations before metadata',
      { name: 'a', analysis: 'metadata', operations: [{ operation: 'flip' }] },
      'operations',
      'the source',
    ],
    ['a malformed preset', { name: 'a', preset: 'Thumbnail@one' }, 'preset', 'name@version'],
    ['options beside a preset', { name: 'a', preset: 'thumbnail', quality: 1 }, '', 'Unrecognized key: "quality"'],
    ['21 operations', { name: 'a', operations: Array.from({ length: 21 }, () => ({ operation: 'flip' })) }, 'operations', '<=20'],
  ])('says exactly what is wrong with %s', (_case, request, path, message) => {
    const { error } = OutputRequest.safeParse(request);
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
    expect(error?.issues[0]?.message).toContain(message);
  });

  test('reports all faults together', () => {
    const request = {
      name: '',
      operations: [{ operation: 'blur', sigma: 'x' }, { operation: 'nope' }],
      format: 'png',
      dither: 2,
    };
    const paths = OutputRequest.safeParse(request).error?.issues.map((issue) => issue.path.join('.'));
    expect(new Set(paths)).toEqual(new Set(['dither', 'name', 'operations.0.sigma', 'operations.1.operation']));
  });
});

describe('the encoding of an output', () => {
  test('is its own', () => {
    const output = image({ name: 'a', format: 'png', palette: true, operations: [{ operation: 'flip' }] });
    expect(encodingOf(output, 'gif')).toMatchObject({ format: 'png', palette: true, colours: 256 });
    expect(encodingOf(output, 'gif')).not.toHaveProperty('operations');
  });

  test('is that of the source where it has none, with its quality if the format knows one', () => {
    expect(encodingOf(image({ name: 'a', quality: 33 }), 'webp')).toMatchObject({ format: 'webp', quality: 33 });
    expect(encodingOf(image({ name: 'a', quality: 33 }), 'gif')).toMatchObject({ format: 'gif', colours: 256 });
  });
});

test('finds every second image once', () => {
  const outputs = [overlay({}), overlay({ opacity: 0.5 }), overlay({ image: { job_id: uuid, output: 'logo' } })];
  expect(references(outputs.map((output) => Output.parse(output)))).toEqual([
    { upload_id: uuid },
    { job_id: uuid, output: 'logo' },
  ]);
});

test('counts each distinct operation of an output once, and an output without any as a conversion', () => {
  const operations = [{ operation: 'flip' }, { operation: 'blur' }, { operation: 'flip' }];
  expect(actionsOf(Output.parse({ name: 'a', operations }))).toEqual(['flip', 'blur']);
  expect(actionsOf(Output.parse({ name: 'a', format: 'avif' }))).toEqual(['convert']);
});

function image(value: unknown) {
  const output = Output.parse(value);
  if ('analysis' in output) throw new Error('not an image');
  return output;
}

function overlay(options: object) {
  return { name: 'a', operations: [{ operation: 'composite', image: { upload_id: uuid }, ...options }] };
}

function tint(colour: unknown) {
  return { name: 'a', operations: [{ operation: 'tint', tint: colour }] };
}

function corners(options: object) {
  return { name: 'a', operations: [{ operation: 'roundCorners', ...options }] };
}

function text(words: string) {
  return { name: 'a', operations: [{ operation: 'text', text: words }] };
}
