import { fileURLToPath } from 'node:url';

/** What this service is called on its pages and in its letters. */
export const SERVICE_NAME = 'Gatehouse';

/** Where the templates of pages and letters lie. */
export const VIEWS_DIRECTORY = fileURLToPath(new URL('../../views', import.meta.url));
