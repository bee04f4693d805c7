import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';

/** A name server that knows TXT records alone; `records` may change while it runs. Silent names get no answer. */
export interface NameServer {
  readonly records: Map<string, string[][]>;
  readonly silent: Set<string>;
  readonly asked: string[];
  readonly resolver: Resolver;
  close(): void;
}

export async function startNameServer(): Promise<NameServer> {
  const records = new Map<string, string[][]>();
  const silent = new Set<string>();
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => {
    const { name, end } = questionOf(query);
    asked.push(name);
    if (!silent.has(name)) socket.send(answerTo(query, end, records.get(name)), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([`127.0.0.1:${(socket.address() as AddressInfo).port}`]);
  return { records, silent, asked, resolver, close: () => void socket.close() };
}

/** The name that is asked for (RFC 1035 §4.1.2), and where the question ends. */
function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  while (query[at]) {
    const length = Number(query[at]);
    labels.push(query.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

/** NXDOMAIN where there is no record. */
function answerTo(query: Buffer, end: number, found: string[][] | undefined): Buffer {
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(found ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(found?.length ?? 0, 6);
  const answers = (found ?? []).map((strings) => {
    const data = Buffer.concat(strings.map((text) => Buffer.from([text.length, ...Buffer.from(text)])));
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(16, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(60, 6);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([head, query.subarray(12, end), ...answers]);
}
