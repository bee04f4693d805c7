import { takeUntoldAlerts } from '../../defense/alert-list.ts';
import type { Platform } from '../../platform/platform.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { tellOperators } from '../operator-letters.ts';
import { rolesThatMay } from '../roles.ts';
import { alertWords } from './alert-words.ts';

/** Job: a letter for each new alert that is for now, once an incident, to the operators who can do something about it. */
export async function tellOfAlerts(platform: Platform): Promise<number> {
  return inTransaction(platform, async (tx) => {
    const alerts = await takeUntoldAlerts(tx);
    for (const { id, kind } of alerts) {
      const values = { alert: alertWords(kind) };
      const news = {
        subject: { key: 'operator-letters.alert-subject', values },
        what: { key: 'operator-letters.alert', values },
        path: `/admin/alerts/${id}`,
      } as const;
      const told = await tellOperators(tx, news, { roles: rolesThatMay('watch.change') });
      // Where nobody reads letters, the log does.
      tx.log.warn({ alert: id, kind, told }, 'an alert was raised');
    }
    return alerts.length;
  });
}
