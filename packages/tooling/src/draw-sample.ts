/**
 * Draws packages/embedded/sample.jpg, the picture that `make run` processes: a sunset, with the grain of a photograph. Not part
 * of `make generate`, because encoders differ by a few bytes between platforms.
 */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const width = 1200;
const height = 800;

const scene = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 1200 800">
  <defs>
    <linearGradient id="sky" x2="0" y2="1">
      <stop offset="0" stop-color="#2b2350"/><stop offset="0.35" stop-color="#8c3b63"/>
      <stop offset="0.6" stop-color="#e8743b"/><stop offset="0.75" stop-color="#ffd27a"/>
    </linearGradient>
    <linearGradient id="sea" x2="0" y2="1"><stop offset="0" stop-color="#f2a35b"/><stop offset="1" stop-color="#2a1d46"/></linearGradient>
    <radialGradient id="glow"><stop offset="0" stop-color="#fff6d0"/><stop offset="0.25" stop-color="#ffe08a" stop-opacity="0.8"/>
      <stop offset="1" stop-color="#ff9e4a" stop-opacity="0"/></radialGradient>
    <filter id="soft"><feGaussianBlur stdDeviation="6"/></filter>
    <filter id="far"><feGaussianBlur stdDeviation="1.5"/></filter>
  </defs>
  <rect width="1200" height="560" fill="url(#sky)"/>
  <circle cx="760" cy="500" r="330" fill="url(#glow)"/><circle cx="760" cy="500" r="62" fill="#fffbe6"/>
  <g fill="#f7a56a" opacity="0.5" filter="url(#soft)">
    <ellipse cx="300" cy="210" rx="260" ry="22"/><ellipse cx="520" cy="250" rx="210" ry="14"/>
    <ellipse cx="930" cy="180" rx="240" ry="20"/><ellipse cx="1080" cy="300" rx="180" ry="12"/>
  </g>
  <path d="M0 560 V430 L140 360 L250 420 L390 330 L560 460 L700 520 L840 540 L1010 470 L1200 530 V560 Z" fill="#5b2f57" filter="url(#far)"/>
  <rect y="556" width="1200" height="244" fill="url(#sea)"/>
  <g fill="#fff0c0" filter="url(#far)">${glitter()}</g>
  <path d="M0 800 V610 Q120 580 230 640 T420 720 T560 800 Z" fill="#1a1230"/>
  <g stroke="#140d26" stroke-linecap="round" fill="none">
    <path d="M180 640 C184 540 170 470 196 380" stroke-width="12"/>
    <path d="M196 380 q-60 -50 -120 -16 M196 380 q-30 -70 -100 -80 M196 380 q20 -74 90 -92 M196 380 q60 -46 122 -6 M196 380 q56 0 84 60 M196 380 q-56 6 -78 68" stroke-width="9"/>
  </g>
  <path d="M905 610 l60 0 l-10 14 l-42 0 z M932 606 l0 -92 l38 84 z M928 606 l0 -80 l-26 74 z" fill="#2a1836"/>
</svg>`;

const picture = sharp(Buffer.from(scene)).flatten();
const grain = sharp({
  create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 5 } },
}).png();

const target = fileURLToPath(new URL('../../embedded/sample.jpg', import.meta.url));
const drawn = await picture.png().toBuffer();
await sharp(drawn)
  .composite([{ input: await grain.toBuffer(), blend: 'soft-light' }])
  .jpeg({ quality: 72, mozjpeg: true })
  .withExif({ IFD0: { ImageDescription: 'A drawn sunset', Copyright: 'Public domain' } })
  .toFile(target);

/** The way of the sun on the water: short strokes that widen towards us. */
function glitter(): string {
  return Array.from({ length: 90 }, (_, stroke) => {
    const y = 562 + (stroke / 90) ** 1.6 * 230;
    const reach = 20 + (y - 556) * 0.5;
    const x = 760 + Math.sin(stroke * 12.9898 + stroke ** 2) * reach;
    return `<ellipse cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" rx="${(8 + (y - 556) * 0.12).toFixed(1)}" ry="1.6" opacity="${(0.9 - stroke / 130).toFixed(2)}"/>`;
  }).join('');
}
