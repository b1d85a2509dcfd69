/** What of the source's metadata and colours an output keeps. */
import type { Sharp } from 'sharp';
import { z } from 'zod';
import { authorshipOf, xmpOf } from './authorship.js';
import type { SourceMetadata } from './define.js';

/** Options that every image output has, whatever its format. */
export const metadataOptions = {
  metadata: z.enum(['strip', 'copyright', 'keep']).default('strip').meta({
    description:
      '`strip` removes all, `copyright` keeps the names of author and rights holder, `keep` keeps EXIF, XMP and IPTC, also the place where the picture was taken',
  }),
  profile: z.enum(['keep', 'srgb', 'p3']).default('keep').meta({
    description: 'The colour profile: that of the source, or the colours converted to sRGB or Display P3',
  }),
};

export type MetadataPolicy = z.output<z.ZodObject<typeof metadataOptions>>;

/**
 * Sets which blocks the last pipeline of an output writes; its colours are set elsewhere. EXIF and IPTC can only be kept while the
 * image still carries them: raw pixels have lost them. `profiled`: whether the source's colour profile goes with them.
 */
export function keepBlocks(
  image: Sharp,
  { metadata }: Pick<MetadataPolicy, 'metadata'>,
  source: SourceMetadata,
  profiled: boolean,
): Sharp {
  if (metadata === 'strip') return image;
  if (metadata === 'keep') {
    // keepMetadata() would keep the profile too and with it leave the pixels unconverted; IPTC alone cannot be asked for.
    const kept = profiled ? image.keepMetadata() : image.keepExif();
    return source.xmpAsString === undefined ? kept : kept.withXmp(source.xmpAsString);
  }
  const authorship = authorshipOf(source);
  const { artist, copyright } = authorship;
  if (artist === undefined && copyright === undefined) return image;
  const tags = { ...(artist !== undefined && { Artist: artist }), ...(copyright !== undefined && { Copyright: copyright }) };
  return image.withExif({ IFD0: tags }).withXmp(xmpOf(authorship));
}
