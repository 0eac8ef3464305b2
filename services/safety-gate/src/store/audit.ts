import { type Read, type Sql, sql } from "@opsdesk/database";

export interface AuditHeadRow {
  readonly sequence: number;
  readonly hash: string;
}

interface AuditEventRow {
  readonly tenant: string;
  readonly sequence: number;
  readonly previousHash: string;
  readonly hash: string;
  readonly action: string;
  readonly ticketId: string | null;
  readonly content: string;
}

/** Where each tenant's chain ends; a tenant without rows is absent. */
export async function auditHeads(read: Read, tenants: Iterable<string>): Promise<ReadonlyMap<string, AuditHeadRow>> {
  const rows = await read.query<AuditHeadRow & { tenant: string }>(
    sql`select tenant, sequence, hash from safety_gate.audit_heads where tenant = any(${[...new Set(tenants)]}::text[])`,
  );
  return new Map(rows.map(({ tenant, sequence, hash }) => [tenant, { sequence, hash }]));
}

/** The next rows of a chain, in order. */
export const auditRowsAfter = (
  read: Read,
  tenant: string,
  sequence: number,
  limit: number,
): Promise<readonly AuditEventRow[]> =>
  read.query<AuditEventRow>(
    sql`select tenant, sequence, previous_hash as "previousHash", hash, action, ticket_id as "ticketId", content
        from safety_gate.audit_events where tenant = ${tenant} and sequence > ${sequence} order by sequence limit ${limit}`,
  );

/** Every entry moves the head of its tenant's chain: handlers that append take turns at it. */
export const AUDIT_TURN = "audit chain";

interface AuditSave {
  readonly writes: readonly Sql[];
  readonly guards: readonly { readonly held: Sql; readonly count: number }[];
}

/**
 * Appends rows and moves the heads. A head that is not where it was loaded means that another writer has appended:
 * the guard then answers fewer rows and the batch is decided again. A chain's very first row is guarded by its key.
 */
export function appendAudit(rows: readonly AuditEventRow[]): AuditSave {
  const first = new Map<string, number>();
  const last = new Map<string, AuditEventRow>();
  for (const row of rows) {
    first.set(row.tenant, Math.min(row.sequence, first.get(row.tenant) ?? row.sequence));
    if ((last.get(row.tenant)?.sequence ?? 0) < row.sequence) last.set(row.tenant, row);
  }
  const heads = [...last.values()];
  const loaded = [...first]
    .map(([tenant, sequence]) => ({ tenant, sequence: sequence - 1 }))
    .filter(({ sequence }) => sequence > 0);
  return {
    writes: [
      sql`insert into safety_gate.audit_events (tenant, sequence, previous_hash, hash, action, ticket_id, content)
          select * from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.sequence)}::bigint[],
            ${rows.map((row) => row.previousHash)}::text[], ${rows.map((row) => row.hash)}::text[], ${rows.map((row) => row.action)}::text[],
            ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.content)}::text[])`,
      sql`insert into safety_gate.audit_heads (tenant, sequence, hash)
          select * from unnest(${heads.map((row) => row.tenant)}::text[], ${heads.map((row) => row.sequence)}::bigint[], ${heads.map((row) => row.hash)}::text[])
          on conflict (tenant) do update set sequence = excluded.sequence, hash = excluded.hash`,
    ],
    guards: [
      {
        held: sql`select 1 from safety_gate.audit_heads h
                  join unnest(${loaded.map(({ tenant }) => tenant)}::text[], ${loaded.map(({ sequence }) => sequence)}::bigint[]) g(tenant, sequence)
                    on h.tenant = g.tenant and h.sequence = g.sequence
                  for update of h`,
        count: loaded.length,
      },
    ],
  };
}
