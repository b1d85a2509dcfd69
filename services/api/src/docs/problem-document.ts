/** A problem document as the API's description shows it. */
import { type ProblemCode, problems } from '@tintype/jobs';
import { z } from 'zod';

const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

const FieldError = z
  .strictObject({
    pointer: z
      .string()
      .meta({ description: 'JSON Pointer (RFC 6901) to the value, or /name for a part of a form or a parameter' }),
    code: z.string().meta({ description: 'A stable code' }),
    detail: z.string(),
  })
  .meta({ id: 'FieldError' });

export const ProblemDocument = z
  .strictObject({
    type: z.string().meta({ description: 'The code as a URN' }),
    title: z.string().meta({ description: 'What the code means' }),
    status: z.int(),
    code: z.enum(codes).meta({ description: 'A stable code: act on this' }),
    detail: z.string().optional().meta({ description: 'What it was this time' }),
    errors: z.array(FieldError).optional().meta({ description: 'All faults of what was sent' }),
    request_id: z.string().optional().meta({ description: 'Names the request in our log' }),
  })
  .meta({ id: 'Problem', description: 'Why a request was not answered as asked (RFC 9457)' });
export type ProblemDocument = z.output<typeof ProblemDocument>;
