import type { Adapter } from 'oidc-provider';

/** What no enabled feature may reach: a call means that the engine's behaviour has changed under us. */
export function unusedAdapter(model: string): Adapter {
  const refuse = async (): Promise<never> => {
    throw new Error(`the engine asked for ${model} in a way no enabled feature needs`);
  };
  return {
    upsert: refuse,
    find: refuse,
    findByUid: refuse,
    findByUserCode: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}
