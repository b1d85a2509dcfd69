/** Reads a multipart/form-data request part by part, in whatever order they come, while it streams. */
import busboy from 'busboy';
import type { Request, Response } from 'express';
import { finished as whenFinished, type Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expectBody } from '../http/request-body.js';
import { incompleteBody, problem } from '../http/problems.js';

const maxFields = 32;
const maxFieldBytes = 64 * 1024;
/** The image, and a `job` that was sent as a file (a browser's Blob is). */
const maxFiles = 2;

const limits = {
  files: maxFiles,
  fields: maxFields,
  parts: maxFields + maxFiles,
  fieldSize: maxFieldBytes,
  fieldNameSize: 100,
  headerPairs: 32,
};

/** What a form may hold at most beside its image: a body larger than image and this together is certainly too large. */
export const maxFormOverheadBytes = (maxFields + maxFiles) * (maxFieldBytes + 16 * 1024);

/** What becomes of the parts. What these throw refuses the request at once. */
export interface FormReader {
  field(name: string, value: string): void;
  /** Must read the file to its end or fail. A stream that breaks off (the client left, another part was refused) fails. */
  file(name: string, body: Readable): Promise<void>;
}

/** Resolves when all parts are read and all files are taken. Rejects with the first failure, when no reader is at work any more. */
export async function readForm(request: Request, response: Response, reader: FormReader): Promise<void> {
  const form = createParser(request);
  const files: Promise<void>[] = [];
  let failure: unknown;
  const refuse = (error: unknown) => {
    failure ??= error;
    // Destroying also breaks off the file that is being read.
    form.destroy(new Error('refused', { cause: error }));
  };

  form.on('field', (name, value, info) => {
    try {
      if (info.nameTruncated || info.valueTruncated) throw problem('payload_too_large', fieldTooLarge(name));
      reader.field(name, value);
    } catch (error) {
      refuse(error);
    }
  });
  form.on('file', (name, body) => {
    body.on('error', ignore);
    files.push(reader.file(name, body).catch(refuse));
  });
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
    form.on(limit, () => refuse(problem('validation_failed', `A form may have ${maxFields} fields and one file.`)));
  }
  form.on('error', ignore);
  const stopWatching = whenFinished(request, { writable: false }, (error) => {
    if (error) refuse(incompleteBody());
  });

  try {
    expectBody(request, response);
    request.pipe(form);
    await finished(form);
  } catch (error) {
    failure ??= malformed(error);
  } finally {
    request.unpipe(form);
    form.destroy();
    await Promise.all(files);
    stopWatching();
  }
  if (failure) throw failure;
}

function createParser(request: Request): busboy.Busboy {
  try {
    return busboy({ headers: request.headers, limits });
  } catch (error) {
    throw malformed(error);
  }
}

function malformed(error: unknown): Error {
  return problem('malformed_multipart', error instanceof Error ? `${error.message}.` : undefined);
}

/** For errors that reach us by another way too, and that would end the process if nobody listened. */
function ignore(): void {}

function fieldTooLarge(name: string): string {
  return `The field ${JSON.stringify(name.slice(0, 100))} has more than ${maxFieldBytes} bytes.`;
}
