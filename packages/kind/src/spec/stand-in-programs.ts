/** Programs for a spec: shell scripts in a directory of their own, which is the whole PATH while the spec runs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class StandInPrograms {
  readonly #directory = mkdtempSync(join(tmpdir(), 'tintype-programs-'));
  readonly #path = process.env['PATH'];

  constructor() {
    process.env['PATH'] = this.#directory;
  }

  /** @param script of a POSIX shell; only what is built into it is there */
  add(name: string, script = ''): void {
    writeFileSync(join(this.#directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  remove(): void {
    process.env['PATH'] = this.#path;
    rmSync(this.#directory, { recursive: true });
  }
}
