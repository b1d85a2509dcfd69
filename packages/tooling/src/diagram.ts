/** The picture of the architecture, drawn by Graphviz: in WebAssembly, so it is the same on every machine, whatever fonts that has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instance } from '@viz-js/viz';
import { root } from './root.js';

export async function architectureDiagram(): Promise<string> {
  const graphviz = await instance();
  return graphviz.renderString(readFileSync(join(root, 'docs/architecture.dot'), 'utf8'), { format: 'svg' });
}
