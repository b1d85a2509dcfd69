/** Draws dashboards in a browser that reaches nothing but a Prometheus. */
import type { Browser, ConsoleMessage, Page, Route } from 'playwright-core';
import sharp from 'sharp';
import { startChromium } from './chromium.js';
import { assetAt, bundlePage, type PageFile } from './page-files.js';
import { pageHeight, pageWidth } from './page/layout.js';
import { type PanelReport, type PictureRequest, prometheusPath, requestPath } from './page/picture.js';

export interface Picture {
  readonly png: Buffer;
  readonly panels: readonly PanelReport[];
  /** Every error that the page has logged or thrown, besides what Prometheus answered to a panel. */
  readonly logged: readonly string[];
}

/** No request leaves for it: all are answered here. */
const origin = 'http://pictures.invalid';

const timeoutMilliseconds = 120_000;

export class Painter {
  private constructor(
    private readonly browser: Browser,
    private readonly files: ReadonlyMap<string, PageFile>,
  ) {}

  /** @throws {Error} when there is no browser */
  static async start(): Promise<Painter> {
    return new Painter(await startChromium(), await bundlePage());
  }

  async stop(): Promise<void> {
    await this.browser.close();
  }

  /** @throws {Error} when the page ends before it has drawn anything */
  async draw(request: PictureRequest, prometheusUrl: string): Promise<Picture> {
    // Tables draw what can be seen of them.
    const viewport = { width: pageWidth, height: pageHeight(request.dashboard) };
    const page = await this.browser.newPage({ viewport, timezoneId: 'UTC', reducedMotion: 'reduce' });
    try {
      const logged: string[] = [];
      page.on('console', (message) => {
        if (isError(message)) logged.push(`${message.text()} (${message.location().url})`);
      });
      const thrown = new Promise<never>((_, reject) => {
        page.on('pageerror', (error) => {
          logged.push(error.message);
          reject(error);
        });
      });
      await page.route('**/*', (route) => this.answer(route, request, prometheusUrl));
      const panels = await Promise.race([drawn(page), thrown]);
      return { png: await smaller(await page.screenshot({ fullPage: true, animations: 'disabled' })), panels, logged };
    } finally {
      await page.close();
    }
  }

  private async answer(route: Route, request: PictureRequest, prometheusUrl: string): Promise<void> {
    const { pathname, search } = new URL(route.request().url());
    if (pathname === requestPath) return await route.fulfill({ json: request });
    if (pathname.startsWith(`${prometheusPath}/`)) {
      const response = await fetch(`${prometheusUrl}${pathname.slice(prometheusPath.length)}${search}`);
      return await route.fulfill({ status: response.status, contentType: 'application/json', body: await response.text() });
    }
    const file = this.files.get(pathname) ?? (await assetAt(pathname));
    return await route.fulfill(file ?? { status: 404 });
  }
}

async function drawn(page: Page): Promise<readonly PanelReport[]> {
  await page.goto(`${origin}/`);
  const handle = await page.waitForFunction(() => window.pictureReport, undefined, { timeout: timeoutMilliseconds });
  return (await handle.jsonValue())?.panels ?? [];
}

/** A refused query is the report of its panel. */
function isError(message: ConsoleMessage): boolean {
  return message.type() === 'error' && !message.location().url.startsWith(`${origin}${prometheusPath}/`);
}

/** The upper part of a picture, so many pixels high. */
export async function upperPart(png: Buffer, height: number): Promise<Buffer> {
  const { width } = await sharp(png).metadata();
  return await smaller(await sharp(png).extract({ left: 0, top: 0, width, height }).toBuffer());
}

/** Lines and letters need few colours. */
async function smaller(png: Buffer): Promise<Buffer> {
  return await sharp(png).png({ palette: true, colours: 128, dither: 0, effort: 10, compressionLevel: 9 }).toBuffer();
}
