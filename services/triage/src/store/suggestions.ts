import { type Read, type Sql, sql } from "@opsdesk/database";

export interface SuggestionRow {
  readonly tenant: string;
  readonly suggestionId: string;
  readonly ticketId: string;
  readonly cause: string;
  /** RFC 3339 */
  readonly at: string;
}

/** Those of the suggestions that were made already, as `<tenant>/<suggestion id>`. */
export async function suggestionsMade(
  read: Read,
  wanted: readonly { tenant: string; suggestionId: string }[],
): Promise<ReadonlySet<string>> {
  const rows = await read.query<{ tenant: string; suggestionId: string }>(
    sql`select s.tenant, s.suggestion_id as "suggestionId"
        from (select distinct tenant, suggestion_id from unnest(${wanted.map((one) => one.tenant)}::text[], ${wanted.map((one) => one.suggestionId)}::text[])
          u(tenant, suggestion_id)) k join triage.suggestions s using (tenant, suggestion_id)`,
  );
  return new Set(rows.map((row) => `${row.tenant}/${row.suggestionId}`));
}

/** No `on conflict`: a suggestion that another job made meanwhile makes this one look again. */
export const insertSuggestions = (rows: readonly SuggestionRow[]): Sql =>
  sql`insert into triage.suggestions (tenant, suggestion_id, ticket_id, cause, suggested_at)
      select * from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.suggestionId)}::text[], ${rows.map((row) => row.ticketId)}::text[],
        ${rows.map((row) => row.cause)}::text[], ${rows.map((row) => row.at)}::timestamptz[])`;
