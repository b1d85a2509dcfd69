import { type Output as StoredOutput, Output } from './output.js';
import { planJob, type SourceFacts } from './plan.js';

const photo: SourceFacts = {
  format: 'jpeg',
  width: 4000,
  height: 3000,
  pages: 1,
  orientation: 1,
  hasAlpha: false,
  channels: 3,
  depth: 'uchar',
  progressive: false,
  space: 'srgb',
  hasProfile: false,
};

describe('planJob', () => {
  test('decodes once for five variants, at the size of the largest', () => {
    const outputs = [
      resized({ width: 1600 }),
      resized({ width: 800 }),
      resized({ width: 400 }),
      resized({ width: 200 }),
      resized({ width: 64, height: 64 }),
    ];
    const plan = planJob(photo, outputs);
    expect(plan.intermediate).toEqual({ size: { width: 1600, height: 1200, by: 'width' }, frames: 1 });
    expect(origins(plan)).toEqual(['intermediate', 'intermediate', 'intermediate', 'intermediate', 'intermediate']);
  });

  test('makes no intermediate where only one output profits', () => {
    const plan = planJob(photo, [resized({ width: 800 }), output([{ operation: 'blur' }])]);
    expect(plan.intermediate).toBeUndefined();
    expect(origins(plan)).toEqual(['file', 'file']);
  });

  test('shrinks first for a single output with work before its resize that costs less on fewer pixels', () => {
    const plan = planJob(photo, [output([{ operation: 'sepia' }, { operation: 'resize', width: 400 }])]);
    expect(plan.intermediate?.size).toMatchObject({ width: 400, height: 300 });
    expect(origins(plan)).toEqual(['intermediate']);
  });

  test.each<[string, StoredOutput]>([
    ['does not resize', output([{ operation: 'grayscale' }])],
    ['enlarges', resized({ width: 5000 })],
    ['keeps the size', resized({ width: 4000 })],
    ['may not become smaller', resized({ width: 300, withoutReduction: true })],
    ['begins with what does not commute', output([{ operation: 'blur' }, { operation: 'resize', width: 300 }])],
    [
      'crops pixels of the source',
      output([
        { operation: 'crop', left: 0, top: 0, width: 900, height: 900 },
        { operation: 'resize', width: 300 },
      ]),
    ],
    ['wants another kernel', resized({ width: 300, kernel: 'nearest' })],
    [
      'keeps the stored pixels',
      output([
        { operation: 'autoOrient', enabled: false },
        { operation: 'resize', width: 300 },
      ]),
    ],
    [
      'keeps EXIF',
      Output.parse({ name: 'a', operations: [{ operation: 'resize', width: 300 }], format: 'jpeg', metadata: 'keep' }),
    ],
    ['is a little smaller than the largest', resized({ width: 950 })],
    ['tells about the source', Output.parse({ name: 'a', analysis: 'metadata' })],
  ])('goes to the file for an output that %s', (_title, own) => {
    const plan = planJob(photo, [resized({ width: 1000 }), resized({ width: 500 }), own]);
    expect(plan.intermediate?.size).toMatchObject({ width: 1000, height: 750 });
    expect(origins(plan)).toEqual(['intermediate', 'intermediate', 'file']);
  });

  test.each<[string, StoredOutput]>([
    ['crops to what draws attention', resized({ width: 90, height: 300, position: 'attention' })],
    ['pads', resized({ width: 90, height: 300, fit: 'contain' })],
    ['stretches', resized({ width: 90, height: 300, fit: 'fill' })],
    ['asks for a double density', resized({ width: 90, dpr: 2 })],
    ['is as large as the largest', resized({ width: 1000, height: 750, fit: 'inside' })],
    [
      'mirrors and turns gray before',
      output([{ operation: 'flop' }, { operation: 'grayscale' }, { operation: 'resize', width: 300 }]),
    ],
    [
      'goes on after its resize',
      output([{ operation: 'resize', width: 300 }, { operation: 'blur' }, { operation: 'rotate', angle: 7 }]),
    ],
    ['says that it wants to be upright', output([{ operation: 'autoOrient' }, { operation: 'resize', width: 300 }])],
    ['is a thumbhash', Output.parse({ name: 'a', analysis: 'thumbhash' })],
    ['is a dominant colour', Output.parse({ name: 'a', analysis: 'dominantColour', operations: [{ operation: 'sepia' }] })],
  ])('lets an output derive that %s', (_title, deriving) => {
    const plan = planJob(photo, [resized({ width: 1000 }), deriving]);
    expect(plan.intermediate?.size).toMatchObject({ width: 1000, height: 750 });
    expect(origins(plan)).toEqual(['intermediate', 'intermediate']);
  });

  test('makes the intermediate large enough for what cover cuts off', () => {
    const plan = planJob(photo, [resized({ width: 300, height: 900 }), resized({ width: 600 })]);
    expect(plan.intermediate?.size).toMatchObject({ width: 1200, height: 900 });
  });

  test('leaves out the rows that a resize by the width alone would leave out', () => {
    const source = { ...photo, width: 7360, height: 4912 };
    const plan = planJob(source, [resized({ width: 1600 }), resized({ width: 800 }), resized({ width: 200 })]);
    // 7360 → 200 is 36.8, and 133 × 36.8 = 4894 of 4912 rows: 1064 of the 1068 that the intermediate has.
    const area = { left: 0, top: 2, width: 1600, height: 1064 };
    expect(plan.outputs.map((one) => one.area)).toEqual([undefined, undefined, area]);
  });

  test('derives from no intermediate that is too short on one side', () => {
    const plan = planJob(photo, [
      resized({ width: 2000, height: 100, fit: 'fill' }),
      resized({ width: 100, height: 500, fit: 'fill' }),
    ]);
    expect(plan.intermediate).toBeUndefined();
  });

  const animation: SourceFacts = { ...photo, format: 'gif', width: 480, height: 320, pages: 12 };

  test('decodes all frames when a deriving output keeps them, and gives stills the first', () => {
    const outputs = [resized({ width: 240 }, 'webp'), resized({ width: 120 }, 'gif'), resized({ width: 120 }, 'jpeg')];
    const plan = planJob(animation, outputs);
    expect(plan.intermediate).toMatchObject({ size: { width: 240, height: 160 }, frames: 12 });
    expect(plan.outputs.map(({ frames }) => frames)).toEqual([12, 12, 1]);
  });

  test('decodes the first frame only when no deriving output keeps the others', () => {
    const trimmed = output([{ operation: 'resize', width: 240 }, { operation: 'trim' }], 'webp');
    const plan = planJob(animation, [trimmed, resized({ width: 120 }, 'png'), output([], 'gif')]);
    expect(plan.intermediate).toMatchObject({ size: { width: 240, height: 160 }, frames: 1 });
    expect(plan.outputs.map(({ frames }) => frames)).toEqual([1, 1, 12]);
  });

  test('turns an animation upright frame by frame', () => {
    const [plan] = planJob({ ...animation, format: 'webp', orientation: 6 }, [output([], 'webp')]).outputs;
    expect(plan?.upright).toBe(false);
    expect(plan?.steps.map(({ options }) => options)).toMatchObject([{ operation: 'rotate', angle: 90 }]);
  });
});

function output(operations: object[], format = 'jpeg'): StoredOutput {
  return Output.parse({ name: 'a', operations, format });
}

function resized(options: object, format = 'jpeg'): StoredOutput {
  return output([{ operation: 'resize', ...options }], format);
}

function origins(plan: ReturnType<typeof planJob>): string[] {
  return plan.outputs.map(({ from }) => from);
}
