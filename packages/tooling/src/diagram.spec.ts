import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { architectureDiagram } from './diagram.js';
import { root } from './root.js';

test('the picture is readable on any page, and has the steps that the page beside it tells', async () => {
  const picture = await architectureDiagram();
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const told = [...page.matchAll(/^(\d)\. /gm)].map(([, step]) => step);
  const drawn = [...picture.matchAll(/>(?:&#160;| )*(\d)(?:&#160;| ){2}/g)].map(([, step]) => step);

  expect(picture).toMatch(/<polygon fill="#ffffff" stroke="none"/);
  expect(told.length).toBeGreaterThan(1);
  expect([...new Set(drawn)].toSorted()).toEqual(told);
});
