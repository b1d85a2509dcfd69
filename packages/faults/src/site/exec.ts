import { execFile as execFileWithCallback } from 'node:child_process';
import { promisify } from 'node:util';

export const execFile = promisify(execFileWithCallback);
