import { z } from 'zod';

export const storageSettings = {
  STORAGE_DRIVER: z.enum(['filesystem']).default('filesystem').meta({ description: 'Where the bytes of images are kept' }),
  STORAGE_DIR: z.string().startsWith('/').meta({
    description: 'Directory of the filesystem driver; the API and every worker must share it',
    form: 'an absolute path',
  }),
};

export type StorageSettings = z.output<z.ZodObject<typeof storageSettings>>;
