import { type Answer, type Call, jsonOf } from './support/http.ts';
import {
  API_SCOPE,
  checkCall,
  clientCredentialsCall,
  exchangeCall,
  introspectionCall,
  JWT_API,
  JWT_SCOPE,
  OPAQUE_API,
  refreshCall,
  type Target,
} from './support/target.ts';

/** What is measured: how one request is made, and when its answer is right. The same for every server. */
export interface Flow {
  readonly name: FlowName;
  readonly title: string;
  /**
   * The handles its requests carry. `none`; `kept`: the same few again and again; `spent`: each once;
   * `followed`: each answer brings the next.
   */
  readonly handles: 'none' | 'kept' | 'spent' | 'followed';
  call(target: Target, handle: string): Call;
  /** What is wrong with the answer, in words; undefined when it is right. */
  fault(answer: Answer, target: Target, handle: string): string | undefined;
}

export type FlowName = (typeof FLOW_NAMES)[number];

const FLOW_NAMES = [
  'discovery',
  'credentials-opaque',
  'credentials-jwt',
  'introspection',
  'refresh-rotating',
  'refresh-standing',
  'code-exchange',
  'check',
] as const;

export const FLOWS: readonly Flow[] = [
  {
    name: 'discovery',
    title: 'discovery',
    handles: 'none',
    call: () => ({ method: 'GET', path: '/.well-known/openid-configuration' }),
    fault: (answer, { place }) => {
      const { issuer, token_endpoint } = jsonOf(answer);
      const named = issuer === `http://${place.host}` && token_endpoint === `${issuer}/token`;
      return answer.status === 200 && named ? undefined : said(answer);
    },
  },
  {
    name: 'credentials-opaque',
    title: 'client credentials, opaque',
    handles: 'none',
    call: ({ machine }) => clientCredentialsCall(machine, OPAQUE_API, API_SCOPE),
    fault: (answer) => (/^[^.]{40,}$/.test(issued(answer, 'access_token')) ? undefined : said(answer)),
  },
  {
    name: 'credentials-jwt',
    title: 'client credentials, JWT (ES256)',
    handles: 'none',
    call: ({ machine }) => clientCredentialsCall(machine, JWT_API, JWT_SCOPE),
    fault: (answer) => (isEs256(issued(answer, 'access_token')) ? undefined : said(answer)),
  },
  {
    name: 'introspection',
    title: 'introspection, user token, no hint',
    handles: 'kept',
    call: ({ api }, token) => introspectionCall(api, token),
    fault: (answer) => {
      const { active, scope, aud } = jsonOf(answer);
      return active === true && scope === API_SCOPE && aud === OPAQUE_API ? undefined : said(answer);
    },
  },
  {
    name: 'refresh-rotating',
    title: 'refresh, rotating (public client)',
    handles: 'followed',
    call: ({ browserApp }, token) => refreshCall(browserApp, token),
    fault: (answer, _target, token) => {
      const next = issued(answer, 'refresh_token');
      const complete = issued(answer, 'access_token') && isEs256(issued(answer, 'id_token'));
      return complete && next !== '' && next !== token ? undefined : said(answer);
    },
  },
  {
    name: 'refresh-standing',
    title: 'refresh, not rotating (confidential)',
    handles: 'kept',
    call: ({ web }, token) => refreshCall(web, token),
    fault: (answer, _target, token) => {
      const complete = issued(answer, 'access_token') && isEs256(issued(answer, 'id_token'));
      return complete && issued(answer, 'refresh_token') === token ? undefined : said(answer);
    },
  },
  {
    name: 'code-exchange',
    title: 'code exchange with PKCE',
    handles: 'spent',
    call: (target, code) => exchangeCall(target, target.web, code),
    fault: (answer) => {
      const complete = issued(answer, 'access_token') && issued(answer, 'refresh_token');
      return complete && isEs256(issued(answer, 'id_token')) ? undefined : said(answer);
    },
  },
];

/** What the bare engine has nothing like: measured against a flow of ours (check.ts). */
const OURS_ALONE: readonly Flow[] = [
  {
    name: 'check',
    title: 'check by a gateway, user token',
    handles: 'kept',
    call: ({ api }, token) => checkCall(api, token),
    fault: (answer) => {
      const { 'gatehouse-subject': subject = '', 'gatehouse-scope': scope } = answer.headers;
      return answer.status === 200 && subject !== '' && scope === API_SCOPE ? undefined : said(answer);
    },
  },
];

export function flowNamed(name: string): Flow {
  const flow = [...FLOWS, ...OURS_ALONE].find((flow) => flow.name === name);
  if (!flow) throw new Error(`there is no flow named ${name}; there are ${FLOW_NAMES.join(', ')}`);
  return flow;
}

function issued(answer: Answer, name: string): string {
  const value = answer.status === 200 ? jsonOf(answer)[name] : undefined;
  return typeof value === 'string' ? value : '';
}

function isEs256(jwt: string): boolean {
  const [header = '', , signature = ''] = jwt.split('.');
  return signature.length === 86 && Buffer.from(header, 'base64url').includes('"ES256"');
}

function said({ status, text }: Answer): string {
  return `${status} ${text.slice(0, 200)}`;
}
