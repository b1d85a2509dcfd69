import { ImageError } from './image-error.js';
import type { InputFormat } from './limits.js';

/** So many first bytes tell what a file announces to be. */
export const sniffedBytes = 32;

const signatures: readonly (readonly [InputFormat, RegExp])[] = [
  ['jpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG\r\n\x1a\n/],
  ['gif', /^GIF8[79]a/],
  ['webp', /^RIFF[^]{4}WEBP/],
  ['tiff', /^(?:II[*+]\0|MM\0[*+])/],
  // AV1 in an ISO base media file; `mif1` and `msf1` leave the codec open, which the header then tells.
  ['avif', /^[^]{4}ftyp(?:avif|avis|mif1|msf1)/],
];

/** The format that the first bytes of a file announce, whatever its name says. Throws an ImageError for one that is not accepted. */
export function announcedFormat(head: Uint8Array, accepted: readonly InputFormat[]): InputFormat {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  const format = signatures.find(([, signature]) => signature.test(text))?.[0];
  if (format && accepted.includes(format)) return format;
  throw new ImageError('unsupported_format', `Not an image in one of the formats ${accepted.join(', ')}`);
}
