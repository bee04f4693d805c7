import { z } from 'zod';

/** Where a page of operations begins, as the pages that show a reference name it in their address. */
export const ReferencePage = z.object({
  from: z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number)
    .optional()
    .catch(undefined),
});
