import exifReader from 'exif-reader';
import { z } from 'zod';
import { defineAnalysis } from '../define.js';

const Exif = z
  .strictObject({
    make: z.string().optional().meta({ description: 'Maker of the camera' }),
    model: z.string().optional().meta({ description: 'Model of the camera' }),
    lens: z.string().optional().meta({ description: 'Model of the lens' }),
    software: z.string().optional().meta({ description: 'Program that wrote the file' }),
    artist: z.string().optional().meta({ description: 'Who made the picture' }),
    copyright: z.string().optional().meta({ description: 'Who holds the rights' }),
    taken_at: z.string().optional().meta({ description: 'When it was taken, by the clock of the camera, `YYYY-MM-DDThh:mm:ss`' }),
    exposure_seconds: z.number().optional().meta({ description: 'Exposure time' }),
    f_number: z.number().optional().meta({ description: 'Aperture' }),
    iso: z.number().optional().meta({ description: 'Sensitivity' }),
    focal_length_mm: z.number().optional().meta({ description: 'Focal length' }),
  })
  .meta({ description: 'What the camera noted; never where' });

export const metadata = defineAnalysis({
  id: 'metadata',
  title: 'Metadata',
  description: 'What the source file says about itself: size, colours, animation, and what the camera noted. Never the place.',
  of: 'source',
  commutesWithShrink: false,
  value: z.strictObject({
    format: z.string().meta({ description: 'Format of the file' }),
    width: z.int().meta({ description: 'Width of a frame in pixels, upright' }),
    height: z.int().meta({ description: 'Height of a frame in pixels, upright' }),
    pages: z.int().meta({ description: 'Number of frames or pages' }),
    space: z.string().meta({ description: 'Colour space' }),
    channels: z.int().meta({ description: 'Channels, transparency included' }),
    depth: z.string().meta({ description: 'Type of a sample, as libvips calls it: `uchar` is 8 bits, `ushort` 16' }),
    has_alpha: z.boolean().meta({ description: 'Whether it has transparency' }),
    has_profile: z.boolean().meta({ description: 'Whether it has a colour profile' }),
    progressive: z.boolean().meta({ description: 'Whether it is stored for progressive display' }),
    orientation: z.int().min(1).max(8).optional().meta({ description: 'How to turn the stored pixels upright (EXIF)' }),
    density: z.number().optional().meta({ description: 'Pixels per inch' }),
    chroma_subsampling: z.string().optional().meta({ description: 'Resolution of colours in a JPEG' }),
    loop: z.int().optional().meta({ description: 'How often the animation plays; 0 is endless' }),
    delays_ms: z.array(z.int()).optional().meta({ description: 'How long each frame shows' }),
    exif: Exif.optional(),
  }),
  async analyse(image) {
    const source = await image.metadata();
    const { width, height } = source.autoOrient;
    return {
      format: source.mediaType?.replace('image/', '') ?? source.format,
      width,
      height: source.pageHeight ?? height,
      pages: source.pages ?? 1,
      space: source.space,
      channels: source.channels,
      depth: source.depth,
      has_alpha: source.hasAlpha,
      has_profile: source.hasProfile,
      progressive: source.isProgressive,
      ...defined({
        orientation: source.orientation,
        density: source.density,
        chroma_subsampling: source.chromaSubsampling,
        loop: source.loop,
        delays_ms: source.delay,
        exif: source.exif && cameraNotes(source.exif),
      }),
    };
  },
  examples: [
    {
      title: 'A drawing with transparency',
      sample: 'icon',
      value: {
        format: 'png',
        width: 64,
        height: 64,
        pages: 1,
        space: 'srgb',
        channels: 4,
        depth: 'uchar',
        has_alpha: true,
        has_profile: false,
        progressive: false,
      },
    },
    {
      title: 'An animation',
      sample: 'animation',
      value: {
        format: 'gif',
        width: 48,
        height: 32,
        pages: 4,
        space: 'srgb',
        channels: 4,
        depth: 'uchar',
        has_alpha: true,
        has_profile: false,
        progressive: false,
        loop: 0,
        delays_ms: [100, 100, 100, 100],
      },
    },
  ],
});

/** EXIF is written by cameras of all sorts: what cannot be read is left out. */
function cameraNotes(block: Buffer): z.infer<typeof Exif> | undefined {
  let exif: ReturnType<typeof exifReader>;
  try {
    exif = exifReader(block);
  } catch {
    return undefined;
  }
  const notes = Exif.partial().safeParse(
    defined({
      make: exif.Image?.Make,
      model: exif.Image?.Model,
      lens: exif.Photo?.LensModel,
      software: exif.Image?.Software,
      artist: exif.Image?.Artist,
      copyright: exif.Image?.Copyright,
      taken_at: clockTime(exif.Photo?.DateTimeOriginal),
      exposure_seconds: exif.Photo?.ExposureTime,
      f_number: exif.Photo?.FNumber,
      iso: exif.Photo?.ISOSpeedRatings,
      focal_length_mm: exif.Photo?.FocalLength,
    }),
  );
  return notes.success && Object.keys(notes.data).length > 0 ? notes.data : undefined;
}

/** EXIF knows no time zone: the reader takes the camera's clock for UTC, and we take the UTC off again. */
function clockTime(date: Date | undefined): string | undefined {
  return date && !Number.isNaN(date.getTime()) ? date.toISOString().slice(0, 19) : undefined;
}

type Defined<Values> = { [Key in keyof Values]?: Exclude<Values[Key], undefined> };

function defined<Values extends object>(values: Values): Defined<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<Values>;
}
