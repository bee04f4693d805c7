/** What a member may be (C25: only an owner gives roles, and nobody gives one to themselves). */
export const ROLES = ['owner', 'developer', 'viewer', 'security'] as const;
export type Role = (typeof ROLES)[number];

/** What a route of the portal asks for. */
export type Permission =
  /** See the organization, its apps, its APIs and what happens to them. */
  | 'read'
  /** Make and change apps and APIs, invite testers, ask for access. */
  | 'build'
  /** Make and end credentials, suspend an app, end somebody's access. */
  | 'protect'
  /** Members, going live, opening an API, deciding requests, deleting. */
  | 'govern';

const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  owner: ['read', 'build', 'protect', 'govern'],
  developer: ['read', 'build', 'protect'],
  security: ['read', 'protect'],
  viewer: ['read'],
};

/** The one place that says what a role allows. */
export function mayDo(role: Role, permission: Permission): boolean {
  return PERMISSIONS[role].includes(permission);
}
