import { type Read, type Sql, sql } from "@opsdesk/database";
import type { Evidence } from "@opsdesk/schemas/common";
import type { TicketTriaged } from "@opsdesk/schemas/ticket-triaged";
import { jsonb } from "./jsonb.ts";

type ContextStage = "received" | "triaged" | "retrieved" | "ended";
type StoredTriage = Omit<TicketTriaged, "runs" | "searchText">;

export interface ContextKey {
  readonly tenant: string;
  readonly ticketId: string;
  readonly conversationVersion: number;
}

export interface ContextRow extends ContextKey {
  readonly round: number;
  readonly stage: ContextStage;
  readonly triage: StoredTriage | null;
  readonly retrieval: string | null;
  readonly evidence: readonly Evidence[] | null;
  readonly draftId: string | null;
}

export interface NewContext extends ContextKey {
  readonly stage: ContextStage;
  readonly draftId: string | null;
  readonly outcome: string | null;
}

export interface ContextStep extends ContextKey {
  readonly from: ContextStage;
  readonly to: ContextStage;
  readonly round: number;
  readonly roundAfter: number;
  readonly triage?: StoredTriage;
  readonly retrieval?: string;
  readonly evidence?: readonly Evidence[];
  readonly draftId?: string;
  readonly outcome?: string;
}

export const contextKey = ({ conversationVersion, tenant, ticketId }: ContextKey): string =>
  `${tenant}/${ticketId}/${conversationVersion}`;

const columns = sql`c.tenant, c.ticket_id as "ticketId", c.conversation_version as "conversationVersion", c.round, c.stage, c.triage, c.retrieval, c.draft_id as "draftId"`;

const requested = (keys: readonly ContextKey[]): Sql =>
  sql`(select distinct tenant, ticket_id, conversation_version from unnest(${keys.map((key) => key.tenant)}::text[], ${keys.map((key) => key.ticketId)}::text[],
      ${keys.map((key) => key.conversationVersion)}::int[]) u(tenant, ticket_id, conversation_version)) k`;

/** Without the evidence, which few steps read and which is most of a row. */
export async function contextsBy(read: Read, keys: readonly ContextKey[]): Promise<Map<string, ContextRow>> {
  const rows = await read.query<ContextRow>(
    sql`select ${columns}, null as evidence from ${requested(keys)} join triage.contexts c using (tenant, ticket_id, conversation_version)`,
  );
  return new Map(rows.map((row) => [contextKey(row), row]));
}

export async function contextsWithEvidence(read: Read, keys: readonly ContextKey[]): Promise<Map<string, ContextRow>> {
  const rows = await read.query<ContextRow>(
    sql`select ${columns}, c.evidence from ${requested(keys)} join triage.contexts c using (tenant, ticket_id, conversation_version)`,
  );
  return new Map(rows.map((row) => [contextKey(row), row]));
}

/** The context that each draft ended, by `<tenant>/<draft id>`. */
export async function contextsByDraft(
  read: Read,
  drafts: readonly { tenant: string; draftId: string }[],
): Promise<Map<string, ContextRow>> {
  const rows = await read.query<ContextRow>(
    sql`select ${columns}, null as evidence
        from (select distinct tenant, draft_id from unnest(${drafts.map((one) => one.tenant)}::text[], ${drafts.map((one) => one.draftId)}::text[]) u(tenant, draft_id)) k
        join triage.contexts c using (tenant, draft_id)`,
  );
  return new Map(rows.map((row) => [`${row.tenant}/${row.draftId ?? ""}`, row]));
}

export const insertContexts = (rows: readonly NewContext[]): Sql =>
  sql`insert into triage.contexts (tenant, ticket_id, conversation_version, round, stage, draft_id, outcome)
      select t, i, v, 1, s, d, o from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[],
        ${rows.map((row) => row.conversationVersion)}::int[], ${rows.map((row) => row.stage)}::text[], ${rows.map((row) => row.draftId)}::text[],
        ${rows.map((row) => row.outcome)}::text[]) u(t, i, v, s, d, o)`;

/** What a step does not name stays. */
export const moveContexts = (rows: readonly ContextStep[]): Sql =>
  sql`update triage.contexts c set stage = u.stage, round = u.round, triage = coalesce(u.triage::jsonb, c.triage), retrieval = coalesce(u.retrieval, c.retrieval),
        evidence = coalesce(u.evidence::jsonb, c.evidence), draft_id = coalesce(u.draft_id, c.draft_id), outcome = u.outcome
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.conversationVersion)}::int[],
        ${rows.map((row) => row.to)}::text[], ${rows.map((row) => row.roundAfter)}::int[],
        ${rows.map((row) => (row.triage === undefined ? null : jsonb(row.triage)))}::text[], ${rows.map((row) => row.retrieval ?? null)}::text[],
        ${rows.map((row) => (row.evidence === undefined ? null : jsonb(row.evidence)))}::text[], ${rows.map((row) => row.draftId ?? null)}::text[],
        ${rows.map((row) => row.outcome ?? null)}::text[])
        u(tenant, ticket_id, conversation_version, stage, round, triage, retrieval, evidence, draft_id, outcome)
      where c.tenant = u.tenant and c.ticket_id = u.ticket_id and c.conversation_version = u.conversation_version`;

/** One row for each context that still is where it was loaded. */
export const contextsUnmoved = (rows: readonly ContextStep[]): Sql =>
  sql`select 1 from triage.contexts c
      join unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.conversationVersion)}::int[],
        ${rows.map((row) => row.from)}::text[], ${rows.map((row) => row.round)}::int[]) g(tenant, ticket_id, conversation_version, stage, round)
        on c.tenant = g.tenant and c.ticket_id = g.ticket_id and c.conversation_version = g.conversation_version
      where c.stage = g.stage and c.round = g.round for update of c`;
