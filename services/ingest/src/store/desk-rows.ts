import { type Read, type Sql, sql } from "@opsdesk/database";
import type { Guard, Save } from "@opsdesk/messaging";
import type { Desk } from "@opsdesk/schemas/desk";

export interface StoredDeskRow {
  readonly tenant: string;
  readonly version: number;
  readonly desk: Desk;
  readonly deskHash: string;
  readonly filesHash: string;
  readonly examplesHash: string;
  readonly apiKeys: Desk["apiKeys"];
  readonly documents: ReadonlyMap<string, string>;
}

interface BusinessRow {
  readonly tenant: string;
  readonly name: string;
  readonly desk: Desk;
  readonly version: number;
  readonly deskHash: string;
  readonly filesHash: string;
  readonly examplesHash: string;
  readonly now: string;
}

export interface DeskChangeRows {
  readonly businesses: readonly BusinessRow[];
  readonly isNew: boolean;
  readonly loadedVersion: number;
  readonly keys: readonly {
    readonly tenant: string;
    readonly keyId: string;
    readonly sha256: string;
    readonly scopes: readonly string[];
    readonly now: string;
  }[];
  readonly documents: readonly { readonly tenant: string; readonly sourceId: string; readonly contentHash: string }[];
  readonly removed: readonly { readonly tenant: string; readonly sourceId: string }[];
}

/** Businesses with their keys and the documents of their last pack. One statement. */
export async function storedDesks(read: Read, tenants: readonly string[]): Promise<ReadonlyMap<string, StoredDeskRow>> {
  const rows = await read.query<Omit<StoredDeskRow, "documents"> & { documents: Record<string, string> }>(
    sql`select b.tenant, b.desk_version as version, b.desk, b.desk_hash as "deskHash", b.files_hash as "filesHash", b.examples_hash as "examplesHash",
          coalesce((select jsonb_agg(jsonb_build_object('keyId', k.key_id, 'sha256', k.sha256, 'scopes', to_jsonb(k.scopes)) order by k.key_id)
            from ingest.api_keys k where k.tenant = b.tenant), '[]'::jsonb) as "apiKeys",
          coalesce((select jsonb_object_agg(d.source_id, d.content_hash) from ingest.desk_documents d where d.tenant = b.tenant), '{}'::jsonb) as documents
        from ingest.businesses b where b.tenant = any(${tenants}::text[])`,
  );
  return new Map(rows.map((row) => [row.tenant, { ...row, documents: new Map(Object.entries(row.documents)) }]));
}

/** The hash of the files that a business's desk was last made from; empty before the first pack. */
export async function filesHashOf(read: Read, tenant: string): Promise<string | undefined> {
  const [row] = await read.query<{ hash: string }>(
    sql`select files_hash as hash from ingest.businesses where tenant = ${tenant}`,
  );
  return row?.hash;
}

/** A batch changes a tenant's desk at most once. */
export function saveDesks(batch: readonly DeskChangeRows[]): Save {
  const fresh = batch.filter((rows) => rows.isNew).flatMap((rows) => rows.businesses);
  const known = batch.filter((rows) => !rows.isNew);
  const changed = known.flatMap((rows) => rows.businesses);
  const keys = batch.flatMap((rows) => rows.keys);
  const documents = batch.flatMap((rows) => rows.documents);
  const removed = batch.flatMap((rows) => rows.removed);
  return {
    writes: [
      ...(fresh.length === 0 ? [] : [insertBusinesses(fresh)]),
      ...(changed.length === 0 ? [] : [updateBusinesses(changed)]),
      ...(keys.length === 0 ? [] : [insertKeys(keys)]),
      ...(documents.length === 0 ? [] : [upsertDocuments(documents)]),
      ...(removed.length === 0 ? [] : [deleteDocuments(removed)]),
    ],
    guards: known.length === 0 ? [] : [heldBusinesses(known)],
  };
}

const heldBusinesses = (known: readonly DeskChangeRows[]): Guard => {
  const rows = known.flatMap(({ businesses, loadedVersion }) =>
    businesses.map(({ tenant }) => ({ tenant, loadedVersion })),
  );
  return {
    held: sql`select 1 from ingest.businesses b
      join unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.loadedVersion)}::bigint[]) g(tenant, version)
        on b.tenant = g.tenant and b.desk_version = g.version for update of b`,
    count: rows.length,
  };
};

const prefixOf = (row: BusinessRow): string => row.desk.business.referencePrefix;
const firstOf = (row: BusinessRow): number => row.desk.business.firstNumber;

const insertBusinesses = (rows: readonly BusinessRow[]): Sql =>
  sql`insert into ingest.businesses (tenant, name, desk, desk_version, desk_hash, files_hash, examples_hash, reference_prefix, next_number, created_at, updated_at)
      select u.tenant, u.name, u.desk::jsonb, u.version, u.desk_hash, u.files_hash, u.examples_hash, u.prefix, u.first_number, u.at, u.at
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.name)}::text[], ${rows.map((row) => JSON.stringify(row.desk))}::text[],
        ${rows.map((row) => row.version)}::bigint[], ${rows.map((row) => row.deskHash)}::text[], ${rows.map((row) => row.filesHash)}::text[],
        ${rows.map((row) => row.examplesHash)}::text[], ${rows.map(prefixOf)}::text[], ${rows.map(firstOf)}::bigint[], ${rows.map((row) => row.now)}::timestamptz[])
        u(tenant, name, desk, version, desk_hash, files_hash, examples_hash, prefix, first_number, at)`;

/** Numbers only rise: a pack that names a lower first number, or another prefix, never gives a number out again. */
const updateBusinesses = (rows: readonly BusinessRow[]): Sql =>
  sql`update ingest.businesses b set name = u.name, desk = u.desk::jsonb, desk_version = u.version, desk_hash = u.desk_hash, files_hash = u.files_hash,
        examples_hash = u.examples_hash, reference_prefix = u.prefix, next_number = greatest(b.next_number, u.first_number), updated_at = u.at
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.name)}::text[], ${rows.map((row) => JSON.stringify(row.desk))}::text[],
        ${rows.map((row) => row.version)}::bigint[], ${rows.map((row) => row.deskHash)}::text[], ${rows.map((row) => row.filesHash)}::text[],
        ${rows.map((row) => row.examplesHash)}::text[], ${rows.map(prefixOf)}::text[], ${rows.map(firstOf)}::bigint[], ${rows.map((row) => row.now)}::timestamptz[])
        u(tenant, name, desk, version, desk_hash, files_hash, examples_hash, prefix, first_number, at)
      where b.tenant = u.tenant`;

const insertKeys = (rows: DeskChangeRows["keys"]): Sql =>
  sql`insert into ingest.api_keys (tenant, key_id, sha256, scopes, created_at)
      select u.tenant, u.key_id, u.sha256, array(select jsonb_array_elements_text(u.scopes::jsonb)), u.at
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.keyId)}::text[], ${rows.map((row) => row.sha256)}::text[],
        ${rows.map((row) => JSON.stringify(row.scopes))}::text[], ${rows.map((row) => row.now)}::timestamptz[]) u(tenant, key_id, sha256, scopes, at)`;

const upsertDocuments = (rows: DeskChangeRows["documents"]): Sql =>
  sql`insert into ingest.desk_documents (tenant, source_id, content_hash)
      select * from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.sourceId)}::text[], ${rows.map((row) => row.contentHash)}::text[])
      on conflict (tenant, source_id) do update set content_hash = excluded.content_hash`;

const deleteDocuments = (rows: DeskChangeRows["removed"]): Sql =>
  sql`delete from ingest.desk_documents d
      using unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.sourceId)}::text[]) u(tenant, source_id)
      where d.tenant = u.tenant and d.source_id = u.source_id`;
