/** The page as a browser takes it: one script, its styles, and what @grafana/ui fetches from a Grafana: its icons and fonts. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface PageFile {
  readonly contentType: string;
  readonly body: string | Buffer;
}

const require = createRequire(import.meta.url);

/** The files that are served as they are, by a pattern of the path. */
const served: readonly { readonly path: RegExp; readonly file: (...parts: string[]) => string; readonly contentType: string }[] =
  [
    {
      path: /^\/public\/build\/img\/icons\/([a-z]+)\/([\w-]+)\.svg$/,
      file: (kind, name) => join(folderOf('@grafana/ui'), 'dist/public/img/icons', `${kind}/${name}.svg`),
      contentType: 'image/svg+xml',
    },
    {
      path: /^\/public\/fonts\/inter\/Inter-(Regular|Medium)\.woff2$/,
      file: (weight) => join(folderOf('@fontsource/inter'), `files/inter-latin-${weight === 'Medium' ? 500 : 400}-normal.woff2`),
      contentType: 'font/woff2',
    },
    {
      path: /^\/public\/fonts\/roboto\/\w+(?:-\w+)*\.woff2$/,
      file: () => join(folderOf('@fontsource/roboto-mono'), 'files/roboto-mono-latin-400-normal.woff2'),
      contentType: 'font/woff2',
    },
  ];

/** What the page is made of, by the paths. */
export async function bundlePage(): Promise<ReadonlyMap<string, PageFile>> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page/main.js', import.meta.url))],
    outdir: '/',
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    loader: { '.woff2': 'empty', '.woff': 'empty', '.ttf': 'empty', '.svg': 'dataurl' },
    logLevel: 'error',
  });
  const html = `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/main.css">
    <body style="margin: 0"><script type="module" src="/main.js"></script>`;
  return new Map([
    ['/', { contentType: 'text/html', body: html }],
    ...outputFiles.map(({ path, text }) => [path, { contentType: contentTypeOf(path), body: text }] as const),
  ]);
}

function contentTypeOf(path: string): string {
  return path.endsWith('.css') ? 'text/css' : 'text/javascript';
}

/** An icon or a font. @returns Nothing when there is none under this path */
export async function assetAt(path: string): Promise<PageFile | undefined> {
  for (const { path: pattern, file, contentType } of served) {
    const [found, ...parts] = pattern.exec(path) ?? [];
    if (found === undefined) continue;
    const body = await readFile(file(...parts)).catch(() => undefined);
    return body && { contentType, body };
  }
  return undefined;
}

function folderOf(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}
