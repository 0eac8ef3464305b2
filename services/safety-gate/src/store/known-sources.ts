import { type Sql, sql } from "@opsdesk/database";

export interface SourceNews {
  readonly tenant: string;
  readonly sourceId: string;
  /** 0: says nothing about it. */
  readonly version: number;
  readonly retiredVersion: number;
}

/** Keeps the highest version heard of, and the highest that was withdrawn; order of arrival does not count. */
export function rememberSources(news: readonly SourceNews[]): Sql {
  const merged = new Map<string, SourceNews>();
  for (const item of news) {
    const key = `${item.tenant} ${item.sourceId}`;
    const known = merged.get(key);
    merged.set(key, {
      ...item,
      version: Math.max(item.version, known?.version ?? 0),
      retiredVersion: Math.max(item.retiredVersion, known?.retiredVersion ?? 0),
    });
  }
  const rows = [...merged.values()];
  return sql`insert into safety_gate.known_sources as s (tenant, source_id, version, retired_version)
    select * from unnest(${rows.map((r) => r.tenant)}::text[], ${rows.map((r) => r.sourceId)}::text[], ${rows.map((r) => r.version)}::bigint[],
      ${rows.map((r) => r.retiredVersion)}::bigint[])
    on conflict (tenant, source_id) do update set
      version = greatest(s.version, excluded.version), retired_version = greatest(s.retired_version, excluded.retired_version)`;
}
