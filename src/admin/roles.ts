/** What an operator may be. One role each. */
export const OPERATOR_ROLES = ['support', 'reviewer', 'security', 'auditor', 'administrator'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

/** What a route of the console asks for. */
export type Permission =
  /** See the home page. */
  | 'home'
  /** See the acts that wait for a second person. */
  | 'acts.read'
  /** Look one account up. */
  | 'accounts.read'
  /** End its sessions, suspend and resume it, take lost factors from it. */
  | 'accounts.change'
  /** See organizations, their apps and their APIs. */
  | 'apps.read'
  /** See what waits for a decision: going live, publishers, identifiers. */
  | 'reviews.read'
  | 'reviews.decide'
  /** See suspensions, appeals, limits and alerts. */
  | 'watch.read'
  | 'watch.change'
  /** Search what happened. */
  | 'events.read'
  /** See what tokens are signed with. */
  | 'keys.read'
  | 'keys.change'
  | 'operators.read'
  | 'operators.change';

const READING: readonly Permission[] = [
  'home',
  'acts.read',
  'accounts.read',
  'apps.read',
  'reviews.read',
  'watch.read',
  'events.read',
  'keys.read',
  'operators.read',
];

const PERMISSIONS: Readonly<Record<OperatorRole, readonly Permission[]>> = {
  support: ['home', 'accounts.read', 'accounts.change'],
  reviewer: ['home', 'acts.read', 'apps.read', 'reviews.read', 'reviews.decide'],
  security: [
    'home',
    'acts.read',
    'accounts.read',
    'apps.read',
    'watch.read',
    'watch.change',
    'events.read',
    'keys.read',
    'keys.change',
  ],
  auditor: READING,
  administrator: [
    ...READING,
    'accounts.change',
    'reviews.decide',
    'watch.change',
    'keys.change',
    'operators.change',
  ],
};

/** The one place that says what an operator's role allows. */
export function mayOperate(role: OperatorRole, permission: Permission): boolean {
  return PERMISSIONS[role].includes(permission);
}

/** The roles that allow it. */
export function rolesThatMay(permission: Permission): OperatorRole[] {
  return OPERATOR_ROLES.filter((role) => mayOperate(role, permission));
}
