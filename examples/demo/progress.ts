/** An answer that one of the example programs gave, as it says in its own log. */
export interface Answered {
  readonly program: 'notes' | 'calendar' | 'guide';
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** How far the visitor is. */
export interface Progress {
  readonly done: ReadonlySet<Step>;
  /** The app gave its access back, and its next call is still to come. */
  readonly revoked: boolean;
}

/** Reads a line of a program's log. Undefined for a line that says something else. */
export function answeredIn(line: string): Omit<Answered, 'program'> | undefined {
  try {
    const { method, path, status } = JSON.parse(line);
    return typeof path === 'string' ? { method, path, status } : undefined;
  } catch {
    return undefined;
  }
}

export const STEPS = ['sign-in', 'read', 'write', 'redirect', 'revoke'] as const;
export type Step = (typeof STEPS)[number];

export const NOTHING_DONE: Progress = { done: new Set(), revoked: false };

/** Steps tick because of what really happened: the logs of the app and of the API tell it. */
export function progressAfter(progress: Progress, answered: Answered): Progress {
  const revoked = isRevocation(answered) || (progress.revoked && !isSignIn(answered));
  const step = stepOf(answered, progress.revoked);
  return { revoked, done: step ? new Set([...progress.done, step]) : progress.done };
}

function stepOf(answered: Answered, revoked: boolean): Step | undefined {
  const { program, method, path, status } = answered;
  if (isSignIn(answered)) return 'sign-in';
  if (program === 'guide' && path === '/broken-redirect' && status === 302) return 'redirect';
  if (program !== 'calendar' || path !== '/events') return undefined;
  if (method === 'GET' && status === 200) return 'read';
  if (method === 'POST' && status === 403) return 'write';
  return revoked && status === 401 ? 'revoke' : undefined;
}

/** The app sends the browser on only when the code brought it tokens. */
export function isSignIn({ program, path, status }: Answered): boolean {
  return program === 'notes' && path === '/callback' && status === 302;
}

function isRevocation({ program, path, status }: Answered): boolean {
  return program === 'notes' && path === '/revocation' && status === 200;
}
