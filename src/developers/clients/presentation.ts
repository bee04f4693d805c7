import { createHash } from 'node:crypto';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import type { ClientView } from './client.ts';
import { askReview, needsApproval, withdrawReviews } from './reviews.ts';

/** A picture of our own making, as PNG. */
export interface Picture {
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

/** What people know an app by: its name, its logo, and where it sends them. What is left out stays as it is. */
export interface Presentation {
  readonly name?: { readonly name: string; readonly nameKey: string };
  /** null takes the logo away. */
  readonly logo?: Picture | null;
  readonly redirectUris?: readonly string[];
}

export type Presented = 'same' | 'changed' | 'waits';

/**
 * Part of a change that holds the app: gives it another face. Whoever allowed it before is asked again, and a verified
 * publisher has to be verified anew (C39). A live app keeps its face until an operator approves, where that is demanded.
 */
export async function present(
  tx: Platform,
  actor: Actor,
  app: ClientView,
  wishes: Presentation,
): Promise<Presented> {
  if (!differs(app, wishes)) return 'same';
  if (actor.kind === 'account' && app.stage === 'live' && needsApproval(tx)) {
    const all = stored({ ...(await waitingChange(tx, app.id)), ...wishes });
    await askReview(tx, actor, { clientId: app.id, kind: 'change', wishes: all });
    return 'waits';
  }
  // What waited was made of an older face; approved later, it would undo this one.
  await withdrawReviews(tx, app.id, 'change');
  await applyPresentation(tx, actor, app, wishes);
  return 'changed';
}

/** What a live app will look like once an operator approves; nothing where nothing waits. */
export async function waitingChange({ db }: Platform, clientId: string): Promise<Presentation> {
  const row = await db.clientReview.findFirst({ where: { clientId, kind: 'change', outcome: null } });
  return row ? presentationIn(row.wishes as Record<string, unknown>) : {};
}

/** Part of a change that holds the app. */
export async function applyPresentation(
  tx: Platform,
  actor: Actor,
  app: ClientView,
  { name, logo, redirectUris }: Presentation,
): Promise<void> {
  const { id, organizationId } = app;
  const now = tx.clock.now();
  const logoName = logo === undefined ? undefined : await storeLogo(tx, id, logo);
  await tx.db.client.updateMany({
    where: { id, organizationId },
    data: {
      ...name,
      ...(logoName !== undefined && { logo: logoName }),
      ...(redirectUris && { redirectUris: [...redirectUris] }),
      ...{ presentedSince: now, updatedAt: now, verifiedAt: null, verifiedHost: null },
    },
  });
  const target = { kind: 'client', id };
  await recordEvent(tx, actor, 'client.changed', target, {
    ...(name && { name: name.name }),
    ...(logoName !== undefined && { logo: logoName }),
    ...(redirectUris && { redirectUris }),
  });
  await withdrawReviews(tx, id, 'publisher');
  if (app.verifiedAt) await recordEvent(tx, actor, 'client.verification-lost', target);
}

function differs(app: ClientView, { name, logo, redirectUris }: Presentation): boolean {
  return (
    (name !== undefined && name.name !== app.name) ||
    (logo !== undefined && (logo ? logoNameOf(logo.png) : null) !== app.logo) ||
    (redirectUris !== undefined && JSON.stringify(redirectUris) !== JSON.stringify(app.redirectUris))
  );
}

/** Answers the name it is served under; null where there is none any more. */
async function storeLogo({ db }: Platform, clientId: string, logo: Picture | null): Promise<string | null> {
  if (!logo) {
    await db.clientLogo.deleteMany({ where: { clientId } });
    return null;
  }
  const { png, width, height } = logo;
  const row = { name: logoNameOf(png), picture: new Uint8Array(png), width, height };
  await db.clientLogo.upsert({ where: { clientId }, create: { clientId, ...row }, update: row });
  return row.name;
}

function logoNameOf(png: Buffer): string {
  return createHash('sha256').update(png).digest('hex');
}

/** As JSON, for an operator to decide on; the picture in base64. */
function stored({ logo, ...rest }: Presentation): object {
  return {
    ...rest,
    ...(logo !== undefined && { logo: logo && { ...logo, png: logo.png.toString('base64') } }),
  };
}

/** What stored() kept. Written by us alone, so it is read as it is. */
export function presentationIn(wishes: Readonly<Record<string, unknown>>): Presentation {
  const { logo, ...rest } = wishes as Omit<Presentation, 'logo'> & { logo?: StoredPicture | null };
  if (logo === undefined) return rest;
  return { ...rest, logo: logo && { ...logo, png: Buffer.from(logo.png, 'base64') } };
}

type StoredPicture = Omit<Picture, 'png'> & { readonly png: string };
