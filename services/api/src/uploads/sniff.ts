/** Which image format the first bytes of a file are, whatever its name and content type say. */
import { formatOf, type InputFormat, inputFormats } from '@tintype/operations';
import { fileTypeFromBuffer } from 'file-type';
import { problem } from '../http/problems.js';

/** So many first bytes tell every format apart. */
export const sniffBytes = 4096;

const formatOfMediaType = new Map<string, InputFormat>([
  ...inputFormats.map((id) => [formatOf(id).mediaType, id] as const),
  // An animated PNG is a PNG; its first frame is what libpng reads.
  ['image/apng', 'png'],
]);

/** Throws a 415 problem that says what was found instead of an accepted image. */
export async function sniffFormat(head: Uint8Array, accepted: readonly InputFormat[]): Promise<InputFormat> {
  const type = await fileTypeFromBuffer(head);
  const format = type && formatOfMediaType.get(type.mime);
  if (format && accepted.includes(format)) return format;
  const titles = accepted.map((id) => formatOf(id).title).join(', ');
  throw problem('unsupported_media_type', `${found(type?.mime)} Accepted are ${titles}.`);
}

function found(mediaType: string | undefined): string {
  if (!mediaType) return 'The file is not an image of a known format.';
  if (mediaType.startsWith('image/hei'))
    return 'The file is a HEIC image, which is not supported: convert it to JPEG or AVIF first.';
  return `The file is ${mediaType}, which is not supported.`;
}
