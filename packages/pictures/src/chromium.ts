import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** @throws {Error} saying what to install, when there is none */
export async function startChromium(): Promise<Browser> {
  return await chromium.launch({ executablePath: findChromium() });
}

function findChromium(): string {
  const { CHROMIUM: named, PATH: path = '' } = process.env;
  if (named) return named;
  const found = [...path.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))), ...elsewhere].find(
    isProgram,
  );
  if (found) return found;
  throw new Error('Pictures need Chromium or Chrome (Debian: apt-get install chromium). CHROMIUM may say where it is.');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
