import type { Blobs } from "@opsdesk/blobs";
import { type Read, identifier, join, sql } from "@opsdesk/database";
import { type AnyHandler, defer, done, handler, ignore, lastBy, reject } from "@opsdesk/messaging";
import type { Desk } from "@opsdesk/schemas/desk";

export interface KnownDesk {
  readonly tenant: string;
  readonly version: number;
  readonly desk: Desk;
}

export interface KeyHolderOfDesk {
  readonly keyId: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
}

/** A service's own copy of every tenant's desk, kept by `desk.configured`. */
export interface Desks {
  /** The current desk of each tenant; a tenant that is not configured yet is absent. */
  byTenant(read: Read, tenants: Iterable<string>): Promise<ReadonlyMap<string, KnownDesk>>;
  /** Whose API key has this SHA-256. */
  holderOfKey(read: Read, sha256: string): Promise<KeyHolderOfDesk | undefined>;
  /** The handler that keeps the copy; wakes `desk:<tenant>`. */
  readonly onDeskConfigured: AnyHandler;
}

/** A reference from an event never reads another tenant's content. */
const isOwn = (tenant: string, ref: string): boolean => ref.startsWith(`${tenant}/`);
const BLOB_WAIT = { until: "blob", retryAfterSeconds: 5, giveUpAfterSeconds: 600 };

/** The migration that a slice needs for its copy. */
export const desksMigration = (schema: string): string => `
  create table ${schema}.desks (
    tenant text primary key,
    version bigint not null,
    body jsonb not null,
    key_hashes text[] not null
  );
  create index desks_by_key on ${schema}.desks using gin (key_hashes);
`;

interface Row {
  readonly tenant: string;
  readonly version: number;
  readonly body: Desk;
}

/** How long a desk is taken for current: its event comes by another topic than the tickets', and may be later by more. */
const FRESH_MS = 500;
/** While a change is on its way into the table, every batch looks. */
const CHANGING_MS = 2_000;

/**
 * `schema` is the slice that holds the `desks` table. Bodies are cached by version: desks change rarely and are
 * needed by almost every batch, so twice a second a batch costs one small read of versions.
 */
export function desksIn(schema: string, blobs: Blobs): Desks {
  const slice = identifier(schema);
  const cache = new Map<string, KnownDesk>();
  const checkedAt = new Map<string, number>();
  const changedAt = new Map<string, number>();

  async function byTenant(read: Read, tenants: Iterable<string>): Promise<ReadonlyMap<string, KnownDesk>> {
    const found = new Map<string, KnownDesk>();
    const wanted: string[] = [];
    for (const tenant of new Set(tenants)) {
      const known = cache.get(tenant);
      const now = performance.now();
      const isChanging = now - (changedAt.get(tenant) ?? Number.NEGATIVE_INFINITY) < CHANGING_MS;
      if (known !== undefined && !isChanging && now - (checkedAt.get(tenant) ?? 0) < FRESH_MS) found.set(tenant, known);
      else wanted.push(tenant);
    }
    if (wanted.length === 0) return found;
    const versions = await read.query<{ tenant: string; version: number }>(
      sql`select tenant, version from ${slice}.desks where tenant = any(${wanted}::text[])`,
    );
    const stale = versions.filter((row) => cache.get(row.tenant)?.version !== row.version).map((row) => row.tenant);
    if (stale.length > 0) {
      const rows = await read.query<Row>(
        sql`select tenant, version, body from ${slice}.desks where tenant = any(${stale}::text[])`,
      );
      for (const row of rows) cache.set(row.tenant, { tenant: row.tenant, version: row.version, desk: row.body });
    }
    for (const { tenant } of versions) {
      const known = cache.get(tenant);
      if (known === undefined) continue;
      found.set(tenant, known);
      checkedAt.set(tenant, performance.now());
    }
    return found;
  }

  const onDeskConfigured = handler<
    "desk.configured",
    ReadonlyMap<string, Desk>,
    { tenant: string; version: number; desk: Desk }
  >("desk.configured", {
    // A desk above 128 KiB is in the blob store; fetching it here keeps the decision pure.
    load: async (_read, events) => {
      const desks = new Map<string, Desk>();
      for (const event of events) {
        if (event.data.desk !== undefined) desks.set(event.id, event.data.desk);
        else if (event.data.blob !== undefined && isOwn(event.tenantid, event.data.blob.ref)) {
          const content = await blobs.get(event.data.blob.ref);
          // Decided below: waiting here would hold up every other tenant's desks as well.
          if (content === undefined) continue;
          // Written by ingest from a checked desk, and hashed on the way: its shape is the contract's.
          desks.set(event.id, JSON.parse(new TextDecoder().decode(content)) as Desk);
        }
      }
      return desks;
    },
    decide: (event, desks) => {
      const desk = desks.get(event.id);
      const { blob } = event.data;
      if (desk === undefined && blob !== undefined)
        return isOwn(event.tenantid, blob.ref)
          ? defer(`blob ${blob.ref} is not there yet`, BLOB_WAIT)
          : reject("blob_foreign", `blob ${blob.ref} is not of ${event.tenantid}`);
      if (desk === undefined) return ignore("desk_without_content");
      return done({
        rows: { tenant: event.tenantid, version: event.data.version, desk },
        wakes: [`desk:${event.tenantid}`],
      });
    },
    save: (rows) => {
      const last = lastBy(rows, (row) => row.tenant);
      for (const row of last) changedAt.set(row.tenant, performance.now());
      return {
        writes: [
          sql`insert into ${slice}.desks (tenant, version, body, key_hashes)
              select u.tenant, u.version, u.body::jsonb, array(select k->>'sha256' from jsonb_array_elements(u.body::jsonb->'apiKeys') k)
              from unnest(${last.map((row) => row.tenant)}::text[], ${last.map((row) => row.version)}::bigint[],
                          ${last.map((row) => JSON.stringify(row.desk))}::text[]) u(tenant, version, body)
              on conflict (tenant) do update set version = excluded.version, body = excluded.body, key_hashes = excluded.key_hashes
              where ${slice}.desks.version < excluded.version`,
        ],
      };
    },
  });

  return {
    byTenant,
    async holderOfKey(read, sha256) {
      const rows = await read.query<{ tenant: string; key: { keyId: string; scopes: string[] } }>(
        sql`select d.tenant, k as key from ${slice}.desks d, jsonb_array_elements(d.body->'apiKeys') k
            where ${join([sql`d.key_hashes @> array[${sha256}]::text[]`, sql`k->>'sha256' = ${sha256}`], " and ")} limit 1`,
      );
      const row = rows[0];
      return row === undefined ? undefined : { keyId: row.key.keyId, tenant: row.tenant, scopes: row.key.scopes };
    },
    onDeskConfigured,
  };
}
