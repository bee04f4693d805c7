import type { Config } from '../config.ts';
import type { Clock } from './clock.ts';
import type { Vault } from './crypto/vault.ts';
import type { Database } from './database/client.ts';
import type { Statements } from './database/statements.ts';
import type { Transport } from './mail/transport.ts';
import type { Logger } from './observability/logger.ts';
import type { Metrics } from './observability/metrics.ts';

/** What a rule may touch besides its input. A rule destructures what it uses, so its signature shows its effects. */
export interface Platform {
  readonly config: Config;
  /** The typed client; inside inTransaction it is bound to the transaction. */
  readonly db: Database;
  /** Named statements of the hot path, each its own commit. Only tokens/ and the access loader use them. */
  readonly sql: Statements;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly mail: Transport;
  readonly log: Logger;
  readonly metrics: Metrics;
}
