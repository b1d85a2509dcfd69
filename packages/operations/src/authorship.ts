/** Who made a picture and who holds the rights: read from the blocks of a source, and written as blocks of an output. */
import exifReader from 'exif-reader';
import type { SourceMetadata } from './define.js';

export interface Authorship {
  readonly artist?: string;
  readonly copyright?: string;
}

/** EXIF is asked first, then XMP. Blocks that cannot be read count as missing. */
export function authorshipOf(source: SourceMetadata): Authorship {
  const exif = source.exif ? exifTags(source.exif) : {};
  const artist = exif.Artist ?? xmpText(source.xmpAsString, 'dc:creator');
  const copyright = exif.Copyright ?? xmpText(source.xmpAsString, 'dc:rights');
  return { ...(artist && { artist }), ...(copyright && { copyright }) };
}

/** An XMP packet that says the same; TIFF holds XMP but no EXIF block. */
export function xmpOf({ artist, copyright }: Authorship): string {
  const creator = artist && `<dc:creator><rdf:Seq><rdf:li>${escaped(artist)}</rdf:li></rdf:Seq></dc:creator>`;
  const rights =
    copyright && `<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">${escaped(copyright)}</rdf:li></rdf:Alt></dc:rights>`;
  return [
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">',
    creator ?? '',
    rights ?? '',
    '</rdf:Description></rdf:RDF></x:xmpmeta>',
  ].join('');
}

function exifTags(block: Buffer): { Artist?: string | undefined; Copyright?: string | undefined } {
  try {
    return exifReader(block).Image ?? {};
  } catch {
    return {};
  }
}

/** The first item of a property; XMP writes these two as lists. */
function xmpText(packet: string | undefined, property: string): string | undefined {
  const start = packet?.indexOf(`<${property}>`) ?? -1;
  if (packet === undefined || start === -1) return undefined;
  const item = /<rdf:li[^>]*>([^<]*)<\/rdf:li>/.exec(packet.slice(start, packet.indexOf(`</${property}>`, start)));
  return item?.[1] && unescaped(item[1]).trim();
}

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;' } as const;

function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => entities[character as keyof typeof entities]);
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
