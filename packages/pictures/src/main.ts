/**
 * `make docs/pictures`: draws every dashboard into docs/pictures. PROMETHEUS may be the address of one that watches a Tintype; without
 * it, a Tintype is started and worked with for some minutes.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Dashboard } from '@grafana/schema';
import { dashboardFiles, panelQueries } from '@tintype/monitoring';
import { isOnlyOnClusters, run } from '@tintype/watched';
import { heightOfFirstRows } from './page/layout.js';
import { Painter, type Picture, upperPart } from './painter.js';
import { spanOf } from './span.js';
import { type MayBeEmpty, problemsOf } from './verdict.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Until there is something to see. */
const minutesOfWork = 15;

/** What README and docs can bear. */
const mostBytes = 250_000;

/** README shows the first rows of it. */
const front = { uid: 'tintype-overview', mostPixels: 960 };

const { PROMETHEUS: prometheus } = process.env;
if (prometheus) await drawAll(prometheus);
// With the rules as they ship, so that no alert is drawn that would not fire.
else await run(drawLater, { factor: 1 });

async function drawLater(prometheusUrl: string): Promise<void> {
  console.log(`A Tintype is at work; in ${minutesOfWork} minutes its dashboards are drawn.`);
  await sleep(minutesOfWork * 60_000);
  await drawAll(prometheusUrl);
}

async function drawAll(prometheusUrl: string): Promise<void> {
  const span = await spanOf(prometheusUrl);
  const painter = await Painter.start();
  try {
    const pictures = new Map<string, Picture>();
    const problems: string[] = [];
    let top: Buffer | undefined;
    for (const text of Object.values(dashboardFiles())) {
      const dashboard = JSON.parse(text) as Dashboard;
      const { uid = '', title } = dashboard;
      const picture = await painter.draw({ dashboard, ...span }, prometheusUrl);
      pictures.set(uid, picture);
      if (uid === front.uid) top = await upperPart(picture.png, heightOfFirstRows(dashboard, front.mostPixels));
      problems.push(...problemsOf(picture, declaredIn(text)).map((problem) => `${title}: ${problem}`));
      if (picture.png.length > mostBytes)
        problems.push(`${title}: the picture has ${picture.png.length} bytes, more than ${mostBytes}`);
    }
    // What is shown to readers is whole. What is not can be looked at, too.
    const folder = join(root, problems.length === 0 ? 'docs/pictures' : 'out/pictures');
    await write(pictures, folder);
    if (top) await writeFile(join(folder, `${front.uid}-top.png`), top);
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) process.exitCode = 1;
  } finally {
    await painter.stop();
  }
}

/** The queries that may have no figure although everything is well, or have none where there is no cluster. */
function declaredIn(text: string): MayBeEmpty {
  const queries = panelQueries(JSON.parse(text), { namespace: '', rateInterval: '1m', range: '1h' });
  const declared = new Set(queries.filter(({ mayBeEmpty }) => mayBeEmpty).map(({ panel, refId }) => `${panel} ${refId}`));
  return (panel, { refId, expr }) => declared.has(`${panel} ${refId}`) || isOnlyOnClusters(expr);
}

async function write(pictures: ReadonlyMap<string, Picture>, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [uid, { png, panels }] of pictures) {
    const path = join(folder, `${uid}.png`);
    await writeFile(path, png);
    const drawn = panels.filter(({ state }) => state === 'drawn').length;
    console.log(`${relative(root, path)}: ${drawn} of ${panels.length} panels have figures, ${Math.round(png.length / 1000)} kB`);
  }
}
