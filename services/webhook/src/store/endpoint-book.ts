import { type Read, type Sql, sql } from "@opsdesk/database";
import { lastBy } from "@opsdesk/messaging/handler";
import { type EndpointRow, type SecretRow, allSecrets, endpointJson } from "./rows.ts";

export interface EndpointWithSecrets {
  readonly endpoint: EndpointRow;
  readonly secrets: readonly SecretRow[];
}

/** All endpoints of these tenants, deleted ones too, with all their secrets: one that has ended must not come back. One statement. */
export const endpointsOf = (read: Read, tenants: readonly string[]): Promise<readonly EndpointWithSecrets[]> =>
  read.query<EndpointWithSecrets>(
    sql`select ${endpointJson("e")} as endpoint, ${allSecrets} as secrets from webhook.webhook_endpoints e where e.tenant = any(${tenants}::text[])`,
  );

interface BookedRow {
  readonly endpoint: EndpointRow;
  readonly loaded: { readonly version: number; readonly sequence: number } | null;
}

const lastBooked = (rows: readonly BookedRow[]): readonly BookedRow[] =>
  lastBy(rows, ({ endpoint }) => `${endpoint.tenant} ${endpoint.endpointId}`);

/** Holds while nobody has changed these endpoints, or numbered a delivery of theirs. A new one is held by its key. */
export function endpointsHeld(rows: readonly BookedRow[]): { held: Sql; count: number } {
  const known = lastBooked(rows).flatMap(({ endpoint, loaded }) => (loaded === null ? [] : [{ ...endpoint, loaded }]));
  return {
    held: sql`select 1 from webhook.webhook_endpoints e
      join unnest(${known.map((r) => r.tenant)}::text[], ${known.map((r) => r.endpointId)}::text[], ${known.map((r) => r.loaded.version)}::bigint[],
        ${known.map((r) => r.loaded.sequence)}::bigint[]) g(tenant, id, version, sequence) on e.tenant = g.tenant and e.endpoint_id = g.id
      where e.version = g.version and e.sequence = g.sequence for update of e`,
    count: known.length,
  };
}

export function saveEndpoints(rows: readonly BookedRow[]): Sql {
  const last = lastBooked(rows).map(({ endpoint }) => endpoint);
  const of = <Value>(pick: (row: EndpointRow) => Value): readonly Value[] => last.map(pick);
  return sql`insert into webhook.webhook_endpoints as e (tenant, endpoint_id, name, url, owner_id, contact, team_id, events, origin, status, disabled_reason,
      disabled_detail, failing_since, slow_until, sequence, version, created_at, updated_at)
    select u.tenant, u.endpoint_id, u.name, u.url, u.owner_id, u.contact, u.team_id, array(select jsonb_array_elements_text(u.events::jsonb)), u.origin, u.status,
      u.disabled_reason, u.disabled_detail, u.failing_since, u.slow_until, u.sequence, u.version, u.created_at, u.updated_at
    from unnest(${of((r) => r.tenant)}::text[], ${of((r) => r.endpointId)}::text[], ${of((r) => r.name)}::text[], ${of((r) => r.url)}::text[],
      ${of((r) => r.ownerId)}::text[], ${of((r) => r.contact)}::text[], ${of((r) => r.teamId)}::text[], ${of((r) => JSON.stringify(r.events))}::text[],
      ${of((r) => r.origin)}::text[], ${of((r) => r.status)}::text[], ${of((r) => r.disabledReason)}::text[], ${of((r) => r.disabledDetail)}::text[],
      ${of((r) => r.failingSince)}::timestamptz[], ${of((r) => r.slowUntil)}::timestamptz[], ${of((r) => r.sequence)}::bigint[], ${of((r) => r.version)}::bigint[],
      ${of((r) => r.createdAt)}::timestamptz[], ${of((r) => r.updatedAt)}::timestamptz[])
      u(tenant, endpoint_id, name, url, owner_id, contact, team_id, events, origin, status, disabled_reason, disabled_detail, failing_since, slow_until, sequence,
        version, created_at, updated_at)
    on conflict (tenant, endpoint_id) do update set name = excluded.name, url = excluded.url, owner_id = excluded.owner_id, contact = excluded.contact,
      team_id = excluded.team_id, events = excluded.events, origin = excluded.origin, status = excluded.status, disabled_reason = excluded.disabled_reason,
      disabled_detail = excluded.disabled_detail, failing_since = excluded.failing_since, slow_until = excluded.slow_until, sequence = excluded.sequence,
      version = excluded.version, updated_at = excluded.updated_at`;
}

interface NewSecretRow {
  readonly tenant: string;
  readonly endpointId: string;
  readonly secretId: string;
  readonly sealed: string;
  readonly createdAt: string;
}

interface ExpiringRow {
  readonly tenant: string;
  readonly endpointId: string;
  readonly secretId: string;
  readonly expiresAt: string;
}

/** New secrets and the ends of older ones in one write: a secret may be both in one batch. */
export function saveSecrets(added: readonly NewSecretRow[], expiring: readonly ExpiringRow[]): Sql {
  const key = (row: { tenant: string; endpointId: string; secretId: string }): string =>
    `${row.tenant} ${row.endpointId} ${row.secretId}`;
  const ends = new Map(expiring.map((row) => [key(row), row.expiresAt]));
  const news = new Set(added.map(key));
  const rows = lastBy(
    [
      ...added.map((row) => ({ ...row, expiresAt: ends.get(key(row)) ?? null, known: false })),
      ...expiring
        .filter((row) => !news.has(key(row)))
        .map((row) => ({ ...row, sealed: "", createdAt: row.expiresAt, known: true })),
    ],
    key,
  );
  return sql`insert into webhook.endpoint_secrets as s (tenant, endpoint_id, secret_id, sealed, created_at, expires_at)
    select u.tenant, u.endpoint_id, u.secret_id, u.sealed, u.created_at, u.expires_at
    from unnest(${rows.map((r) => r.tenant)}::text[], ${rows.map((r) => r.endpointId)}::text[], ${rows.map((r) => r.secretId)}::text[], ${rows.map((r) => r.sealed)}::text[],
      ${rows.map((r) => r.createdAt)}::timestamptz[], ${rows.map((r) => r.expiresAt)}::timestamptz[]) u(tenant, endpoint_id, secret_id, sealed, created_at, expires_at)
    on conflict (tenant, endpoint_id, secret_id) do update set expires_at = excluded.expires_at,
      sealed = case when excluded.sealed = '' then s.sealed else excluded.sealed end`;
}

interface CommandRow {
  readonly tenant: string;
  readonly commandId: string;
  readonly contentHash: string;
  readonly reply: unknown;
  readonly at: string;
}

export const saveCommands = (rows: readonly CommandRow[]): Sql =>
  sql`insert into webhook.endpoint_commands (tenant, command_id, content_hash, reply, at)
      select u.tenant, u.id, u.hash, u.reply::jsonb, u.at
      from unnest(${rows.map((r) => r.tenant)}::text[], ${rows.map((r) => r.commandId)}::text[], ${rows.map((r) => r.contentHash)}::text[],
        ${rows.map((r) => JSON.stringify(r.reply))}::text[], ${rows.map((r) => r.at)}::timestamptz[]) u(tenant, id, hash, reply, at)`;

/** What a command was answered the first time. */
export async function answeredCommand(
  read: Read,
  tenant: string,
  commandId: string,
): Promise<{ contentHash: string; reply: Record<string, unknown> } | undefined> {
  const rows = await read.query<{ contentHash: string; reply: Record<string, unknown> }>(
    sql`select content_hash as "contentHash", reply from webhook.endpoint_commands where tenant = ${tenant} and command_id = ${commandId}`,
  );
  return rows[0];
}
