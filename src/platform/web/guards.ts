import type { Handler } from './context.ts';

/** Marks a route as open to everybody on purpose. A route without this or a guard fails the architecture test. */
export const publicRoute: Handler = (_ctx, next) => next();
