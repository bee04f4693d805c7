import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerApi } from '../../../src/developers/apis/api.ts';
import { judgeHost } from '../../../src/developers/organizations/host-names.ts';
import { approveHost, proveHost } from '../../../src/developers/organizations/host-proofs.ts';
import {
  claimHost,
  findHost,
  hostIsProven,
  provenHosts,
  removeHost,
} from '../../../src/developers/organizations/hosts.ts';
import type { ProofSources } from '../../../src/developers/organizations/proof-sources.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { refused } from '../../../src/platform/refused.ts';
import { anOrganization, ok, operator } from '../../support/developers.ts';
import { type NameServer, startNameServer } from '../../support/name-server.ts';
import { openTestPlatform } from '../../support/platform.ts';

const member = { kind: 'account', id: newId() } as const;
let platform: OpenPlatform;
let names: NameServer;
let acme: string;
let rival: string;
const files = new Map<string, { status: number; body: string }>();

beforeAll(async () => {
  platform = await openTestPlatform();
  names = await startNameServer();
  acme = await anOrganization(platform);
  rival = await anOrganization(platform, 'Rival');
});
afterAll(async () => {
  names.close();
  await platform.close();
});

function sources(): ProofSources {
  return {
    txt: (name) => names.resolver.resolveTxt(name),
    file: async (address) => {
      const found = files.get(address);
      if (!found) return refused('unreachable', 'Nothing was fetched from this address.');
      return { ok: true, status: found.status, body: Buffer.from(found.body), contentType: 'text/plain' };
    },
  };
}

async function claim(host: string, organizationId = acme): Promise<string> {
  ok(await claimHost(platform, member, { organizationId, host }));
  return String((await findHost(platform, { organizationId, host }))?.challenge);
}

/** Looks again at once, as if the seconds between had passed. */
async function prove(host: string, method: 'dns' | 'file' = 'dns', organizationId = acme) {
  await platform.db.provenHost.updateMany({ where: { host }, data: { checkedAt: null } });
  return proveHost(platform, member, { organizationId, host, method }, sources());
}

const publishRecord = (host: string, ...values: string[]) =>
  names.records.set(
    `_gatehouse-challenge.${host}`,
    values.map((value) => [value]),
  );
const publishFile = (host: string, body: string, status = 200) =>
  files.set(`https://${host}/.well-known/gatehouse-challenge`, { status, body });

describe('a host that can be claimed', () => {
  it.each([
    ['api.example.com', 'api.example.com'],
    [' API.Example.COM. ', 'api.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['ａｐｉ.example.com', 'api.example.com'],
    ['acme.co.uk', 'acme.co.uk'],
    ['acme.github.io', 'acme.github.io'],
  ])('%j is %s', (raw, host) => {
    expect(judgeHost(raw)).toEqual({ ok: true, host });
  });

  it.each([
    '',
    ' ',
    'com',
    'localhost',
    'app.localhost',
    'printer.local',
    'db.internal',
    '1.0.0.127.in-addr.arpa',
    'co.uk',
    'github.io',
    'GITHUB.IO.',
    'amazonaws.com',
    '127.0.0.1',
    '0x7f000001',
    '2130706433',
    '127.1',
    '[::1]',
    '::1',
    'https://api.example.com',
    'api.example.com/x',
    'api.example.com:8443',
    'me@api.example.com',
    'api.example.com?x',
    'api.example.com#x',
    '*.example.com',
    'a..example.com',
    '-a.example.com',
    'api\u200b.example.com',
    'api.example.com\0',
    `${'x'.repeat(64)}.example.com`,
    `${'x.'.repeat(200)}com`,
    'exa mple.com',
  ])('%j is not', (raw) => {
    expect(judgeHost(raw)).toMatchObject({ ok: false, sentence: expect.stringMatching(/^This .+\.$/) });
  });
});

describe('a host is proven', () => {
  it('by a TXT record, also one in several strings among others, and covers the names below', async () => {
    const challenge = await claim('dns.example');
    expect(await prove('dns.example')).toMatchObject({ reason: 'proof' });
    publishRecord('dns.example', 'v=something else');
    expect(await prove('dns.example')).toMatchObject({ reason: 'proof' });
    names.records.set('_gatehouse-challenge.dns.example', [
      ['v=else'],
      [challenge.slice(0, 20), challenge.slice(20)],
    ]);
    expect(ok(await prove('dns.example')).host).toMatchObject({ method: 'dns', provenAt: expect.any(Date) });
    for (const host of ['dns.example', 'api.dns.example', 'a.b.DNS.example.'])
      expect(await hostIsProven(platform, acme, host)).toBe(true);
    for (const host of ['example', 'other.example', 'xdns.example', 'dns.example.com', '127.0.0.1'])
      expect(await hostIsProven(platform, acme, host)).toBe(false);
    expect(await hostIsProven(platform, rival, 'dns.example')).toBe(false);
    expect(await provenHosts(platform, acme)).toContain('dns.example');
  });

  it('by a file, which covers that one host', async () => {
    const challenge = await claim('file.example');
    expect(await prove('file.example', 'file')).toMatchObject({ reason: 'proof' });
    for (const [body, status] of [
      [`${challenge}\n`, 404],
      [`<p>${challenge}</p>`, 200],
      ['', 200],
    ] as const) {
      publishFile('file.example', body, status);
      expect(await prove('file.example', 'file')).toMatchObject({ reason: 'proof' });
    }
    publishFile('file.example', `${challenge}\n`);
    ok(await prove('file.example', 'file'));
    expect(await hostIsProven(platform, acme, 'file.example')).toBe(true);
    expect(await hostIsProven(platform, acme, 'api.file.example')).toBe(false);
  });

  it('by an operator, for an organization that exists', async () => {
    ok(await approveHost(platform, operator, { organizationId: acme, host: 'Word.example' }));
    expect(await hostIsProven(platform, acme, 'api.word.example')).toBe(true);
    expect(
      await approveHost(platform, operator, { organizationId: newId(), host: 'x.example' }),
    ).toMatchObject({ reason: 'host' });
  });

  it('by its own challenge alone, never by that of somebody else', async () => {
    const challenge = await claim('mine.example');
    publishRecord('mine.example', challenge);
    await claim('mine.example', rival);
    expect(await prove('mine.example', 'dns', rival)).toMatchObject({ reason: 'proof' });
    expect(await prove('unclaimed.example')).toMatchObject({ reason: 'host' });
  });

  it('not while its name servers are silent, and not more often than every few seconds', async () => {
    await claim('silent.example');
    names.silent.add('_gatehouse-challenge.silent.example');
    expect(await prove('silent.example')).toMatchObject({
      reason: 'proof',
      sentence: expect.stringContaining('did not answer'),
    });
    const again = { organizationId: acme, host: 'silent.example', method: 'dns' } as const;
    expect(await proveHost(platform, member, again, sources())).toMatchObject({ reason: 'too-soon' });
  });

  it('and then its APIs that waited are approved', async () => {
    const input = { organizationId: acme, identifier: 'https://api.waits.example/v1', name: 'Waits' };
    const { api } = ok(await registerApi(platform, member, input));
    expect(api.approved).toBe(false);
    publishRecord('waits.example', await claim('waits.example'));
    ok(await prove('waits.example'));
    const stored = await platform.db.api.findUniqueOrThrow({ where: { id: api.id } });
    expect(stored.identifier).toBe('https://api.waits.example/v1');
    const next = { ...input, identifier: 'https://api.waits.example/v2' };
    expect(ok(await registerApi(platform, member, next)).api.approved).toBe(true);
  });
});

describe('a host of two organizations', () => {
  async function bothClaim(host: string) {
    const first = await claim(host);
    const second = await claim(host, rival);
    publishRecord(host, first);
    ok(await prove(host));
    return { first, second };
  }

  it('stays with the earlier one while its proof is there', async () => {
    const { first, second } = await bothClaim('held.example');
    publishRecord('held.example', first, second);
    expect(await prove('held.example', 'dns', rival)).toMatchObject({ reason: 'taken' });
    expect(await hostIsProven(platform, acme, 'held.example')).toBe(true);
    expect(await hostIsProven(platform, rival, 'held.example')).toBe(false);
  });

  it('goes to the later one when the proof of the earlier is gone', async () => {
    const { second } = await bothClaim('sold.example');
    publishRecord('sold.example', second);
    ok(await prove('sold.example', 'dns', rival));
    expect(await hostIsProven(platform, acme, 'sold.example')).toBe(false);
    expect(await hostIsProven(platform, rival, 'sold.example')).toBe(true);
  });

  it('stays where the name servers just do not answer', async () => {
    const { second } = await bothClaim('outage.example');
    publishFile('outage.example', second);
    names.silent.add('_gatehouse-challenge.outage.example');
    expect(await prove('outage.example', 'file', rival)).toMatchObject({ reason: 'taken' });
    expect(await hostIsProven(platform, acme, 'outage.example')).toBe(true);
  });

  it('is proven by one of two at the same moment', async () => {
    const values = [await claim('both.example'), await claim('both.example', rival)];
    publishRecord('both.example', ...values);
    const outcomes = await Promise.all(
      [acme, rival].map((organizationId) =>
        proveHost(platform, member, { organizationId, host: 'both.example', method: 'dns' }, sources()),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    const held = await platform.db.provenHost.count({
      where: { host: 'both.example', provenAt: { not: null } },
    });
    expect(held).toBe(1);
  });

  it('is given up by its own organization alone', async () => {
    await bothClaim('given.example');
    const host = 'given.example';
    ok(await removeHost(platform, member, { organizationId: rival, host }));
    expect(await hostIsProven(platform, acme, host)).toBe(true);
    ok(await removeHost(platform, member, { organizationId: acme, host }));
    expect(await removeHost(platform, member, { organizationId: acme, host })).toMatchObject({ ok: false });
    expect(await hostIsProven(platform, acme, host)).toBe(false);
  });
});
