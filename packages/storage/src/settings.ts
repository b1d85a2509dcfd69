import { z } from 'zod';

const filesystem = { name: 'STORAGE_DRIVER', value: 'filesystem' };
const s3 = { name: 'STORAGE_DRIVER', value: 's3' };

export const storageSettings = {
  STORAGE_DRIVER: z.enum(['filesystem', 's3']).default('filesystem').meta({ description: 'Where the bytes of images are kept' }),
  STORAGE_DIR: z.string().startsWith('/').optional().meta({
    description: 'Directory of the filesystem driver; the API and every worker must share it',
    form: 'an absolute path',
    requiredWith: filesystem,
  }),
  S3_BUCKET: z.string().min(1).optional().meta({
    description: 'Bucket of the s3 driver, for images only',
    requiredWith: s3,
  }),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description: 'URL of the S3 server. Default: that of AWS in the region' }),
  S3_REGION: z.string().min(1).default('us-east-1').meta({ description: 'Region of the bucket' }),
  S3_ACCESS_KEY_ID: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'Access key. Without it the AWS SDK looks for credentials itself: its own variables, the role of the pod …',
      secret: true,
      requiredWith: { name: 'S3_SECRET_ACCESS_KEY' },
    }),
  S3_SECRET_ACCESS_KEY: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Secret of the access key', secret: true, requiredWith: { name: 'S3_ACCESS_KEY_ID' } }),
  S3_FORCE_PATH_STYLE: z.boolean().default(false).meta({
    description: 'Whether URLs name the bucket in their path rather than in their host, as most servers but AWS need it',
  }),
};

export type StorageSettings = z.output<z.ZodObject<typeof storageSettings>>;
