/** The images of the checkout, in Docker and on the nodes. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Cluster } from './cluster.js';
import { run } from './command.js';

const services = ['api', 'worker'] as const;

/** The tag of each service's image. */
export type ImageTags = Readonly<Record<(typeof services)[number], string>>;

const Inspected = z.tuple([
  z.object({
    RootFS: z.object({ Layers: z.array(z.string()) }),
    Config: z.object({
      Cmd: z.array(z.string()).nullish(),
      Entrypoint: z.array(z.string()).nullish(),
      Env: z.array(z.string()).nullish(),
      User: z.string().optional(),
      WorkingDir: z.string().optional(),
    }),
  }),
]);

/** Builds the images and tags them by their content. */
export async function buildImages(signal: AbortSignal): Promise<ImageTags> {
  const builtTag = 'kind';
  await run('make', ['--no-print-directory', 'images', `IMAGE_TAG=${builtTag}`], { signal });
  const [api, worker] = await Promise.all(services.map((service) => tagByContent(service, builtTag)));
  return { api: api ?? '', worker: worker ?? '' };
}

async function tagByContent(service: keyof ImageTags, builtTag: string): Promise<string> {
  const built = image(service, builtTag);
  const tag = contentTag(await run('docker', ['image', 'inspect', built]));
  await run('docker', ['tag', built, image(service, tag)]);
  return tag;
}

/**
 * A tag that stays the same as long as what would run does: pods are then replaced when it changes, and only then. Labels do not count,
 * which name the commit.
 */
export function contentTag(inspection: string): string {
  const [{ RootFS, Config }] = Inspected.parse(JSON.parse(inspection));
  return createHash('sha256')
    .update(JSON.stringify([RootFS.Layers, Config]))
    .digest('hex')
    .slice(0, 12);
}

/** Copies the images to the nodes that lack them, and resolves with the names of those that were copied. */
export async function loadImages(cluster: Cluster, tags: ImageTags, signal: AbortSignal): Promise<string[]> {
  const names = services.map((service) => image(service, tags[service]));
  const there = await Promise.all((await cluster.nodes()).map((node) => imagesOn(node, signal)));
  const missing = names.filter((name) => !there.every((onNode) => onNode.has(`docker.io/${name}`)));
  if (missing.length > 0) await run('kind', ['load', 'docker-image', ...missing, '--name', cluster.name], { signal });
  return missing;
}

async function imagesOn(node: string, signal: AbortSignal): Promise<Set<string>> {
  const listing = await run('docker', ['exec', node, 'ctr', '--namespace', 'k8s.io', 'images', 'ls', '--quiet'], { signal });
  return new Set(listing.split('\n'));
}

function image(service: keyof ImageTags, tag: string): string {
  return `tintype/${service}:${tag}`;
}
