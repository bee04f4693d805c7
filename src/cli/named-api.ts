import { type Api, findApi } from '../developers/apis/api.ts';
import type { Platform } from '../platform/platform.ts';
import { type CliContext, CommandFault } from './context.ts';

/** The API that an operator names by its identifier. */
export async function apiNamed(platform: Platform, identifier: string): Promise<Api> {
  const api = await findApi(platform, identifier);
  if (!api) throw new CommandFault('No API has this identifier.');
  return api;
}

/** What rules about an API's keys and targets know it by. */
export async function apiClientId(cli: CliContext, identifier: string): Promise<string> {
  return (await cli.withPlatform((platform) => apiNamed(platform, identifier))).clientId;
}
