import { z } from 'zod';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { renderPage } from '../../platform/web/render.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { browserActor } from '../actor.ts';
import { verificationCodeField } from '../form-fields.ts';
import { type FormProblems, mailCodeProblem, stepPage, tooManyLetters } from '../form-problems.ts';
import { ensureBrowser, readBrowser } from '../sessions/session-cookie.ts';
import { findUndoableChange, findWaitingUndo, sendUndoCode, undoEmailChange } from './email-undo.ts';

const CODE = '/email-undo/code';

/** GET /email-undo?change=…: where the letter leads. Does nothing but show a button: mail scanners follow links. */
export function showEmailUndo(platform: Platform): Handler {
  return async (ctx) => {
    const { change: id } = ctx.query;
    const change = await findUndoableChange(platform, typeof id === 'string' ? id : undefined);
    renderUndo(ctx, { change: change?.id });
  };
}

/** POST /email-undo: sends a code to the old address. */
export function submitEmailUndo(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, z.object({ change: z.string().max(64) }));
    const change = form.ok ? await findUndoableChange(platform, form.value.change) : undefined;
    if (!change) return renderUndo(ctx, {});
    const browser = ensureBrowser(ctx, platform);
    const outcome = await sendUndoCode(platform, browserActor(ctx), { change, browser });
    if (!outcome.ok) return renderUndo(ctx, { change: change.id }, tooManyLetters(ctx, outcome));
    seeOther(ctx, CODE);
  };
}

/** GET /email-undo/code: for the browser that asked. */
export function showEmailUndoCode(platform: Platform): Handler {
  return async (ctx) => {
    const found = await findWaitingUndo(platform, readBrowser(ctx, platform.config));
    if (found) renderCode(ctx, platform);
    else renderUndo(ctx, {});
  };
}

/** POST /email-undo/code: the code from the letter gives the account back to its old address. */
export function submitEmailUndoCode(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, z.object({ code: verificationCodeField }));
    const found = await findWaitingUndo(platform, readBrowser(ctx, platform.config));
    if (!found) return renderUndo(ctx, {});
    if (!form.ok) return renderCode(ctx, platform, form);
    const undo = { ...found, code: form.value.code };
    const outcome = await undoEmailChange(platform, browserActor(ctx), undo);
    if (!outcome.ok) return renderCode(ctx, platform, mailCodeProblem(outcome));
    seeOther(ctx, '/email-undo/done');
  };
}

/** POST /email-undo/codes: another letter; the older code stops working. */
export function sendAnotherEmailUndoCode(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const browser = readBrowser(ctx, platform.config);
    const found = await findWaitingUndo(platform, browser);
    if (!browser || !found) return renderUndo(ctx, {});
    const { change } = found;
    const outcome = await sendUndoCode(platform, browserActor(ctx), { change, browser });
    if (!outcome.ok) return renderCode(ctx, platform, tooManyLetters(ctx, outcome));
    seeOther(ctx, `${CODE}?letter=sent`);
  };
}

/** GET /email-undo/done */
export const showEmailUndoDone: Handler = (ctx) => renderPage(ctx, 'accounts/recovery/email-undo-done');

/** Without a `change` there is nothing to undo, or no longer. */
function renderUndo(ctx: Context, { change }: { change?: string | undefined }, failed?: FormProblems): void {
  const [data, options] = stepPage(ctx, { change }, failed);
  renderPage(ctx, 'accounts/recovery/email-undo', data, change ? options : { status: 410 });
}

function renderCode(ctx: Context, { mail }: Platform, failed?: FormProblems): void {
  const data = { sentAgain: ctx.query.letter === 'sent', mailbox: mail.kind === 'mailbox' };
  renderPage(ctx, 'accounts/recovery/email-undo-code', ...stepPage(ctx, data, failed));
}
