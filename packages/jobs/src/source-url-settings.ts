import { z } from 'zod';

/** Of the API, which takes such jobs, and of the workers, which fetch their sources. */
export const sourceUrlSettings = {
  SOURCE_URL_ENABLED: z.boolean().default(false).meta({
    description: 'Whether jobs may name their source by a URL, which a worker then fetches; the same for API and workers',
  }),
};
