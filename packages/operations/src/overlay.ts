/** Laying one picture over another: what `composite`, `watermark` and `text` have in common. */
import type { OverlayOptions, Sharp } from 'sharp';
import type { Size } from './define.js';

export interface Overlay extends Size {
  /** RGBA, 8 bits. */
  readonly data: Buffer;
}

/** The pixels of an overlay, with its opacity (0–1) multiplied into its alpha. */
export async function overlayOf(image: Sharp, opacity: number): Promise<Overlay> {
  const { data, info } = await image.ensureAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  if (opacity < 1) {
    for (let alpha = 3; alpha < data.length; alpha += 4) data.writeUInt8(Math.round(data.readUInt8(alpha) * opacity), alpha);
  }
  return { data, width: info.width, height: info.height };
}

/**
 * What of an overlay lies inside a picture when its corner is at `left`, `top`, as sharp takes it; undefined where nothing does.
 * sharp refuses overlays that are larger than the picture, so what hangs over is cut off here.
 */
export function visible(overlay: Overlay, at: { left: number; top: number }, size: Size): OverlayOptions | undefined {
  const left = Math.max(0, at.left);
  const top = Math.max(0, at.top);
  const width = Math.min(size.width, at.left + overlay.width) - left;
  const height = Math.min(size.height, at.top + overlay.height) - top;
  if (width <= 0 || height <= 0) return undefined;
  const data = rows(overlay, { left: left - at.left, top: top - at.top, width, height });
  return { input: data, raw: { width, height, channels: 4 }, left, top };
}

function rows(overlay: Overlay, part: Size & { left: number; top: number }): Buffer {
  if (part.width === overlay.width && part.height === overlay.height) return overlay.data;
  const cut = Buffer.alloc(part.width * part.height * 4);
  for (let row = 0; row < part.height; row++) {
    const from = ((part.top + row) * overlay.width + part.left) * 4;
    overlay.data.copy(cut, row * part.width * 4, from, from + part.width * 4);
  }
  return cut;
}
