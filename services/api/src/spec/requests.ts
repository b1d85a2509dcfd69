/** What specs send. */
import { samples } from '@tintype/testing';

export const photo = await samples.photo();

/** One small output, the cheapest job there is. */
export const thumb = { name: 'thumb', operations: [{ operation: 'resize', width: 20 }], format: 'webp' };

export function inline(bytes: Buffer = photo.subarray(0, 20_000)): { data: string } {
  return { data: bytes.toString('base64') };
}

/** The parts of a form, in this order. */
export function form(...parts: (readonly [name: string, value: string | Blob | Buffer, filename?: string])[]): FormData {
  const data = new FormData();
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') data.append(name, value);
    else data.append(name, value instanceof Blob ? value : new Blob([value]), filename ?? `${name}.bin`);
  }
  return data;
}

export function json(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export function post(body: RequestInit['body'] & {}, headers: Record<string, string> = {}): RequestInit {
  return { method: 'POST', headers, body };
}
