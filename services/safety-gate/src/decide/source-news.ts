import { type Outcome, done } from "@opsdesk/messaging/outcome";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { KnowledgeSourceIndexed } from "@opsdesk/schemas/knowledge-source-indexed";
import type { KnowledgeSourceRetired } from "@opsdesk/schemas/knowledge-source-retired";

export interface SourceNews {
  readonly tenant: string;
  readonly sourceId: string;
  /** 0: says nothing about it. */
  readonly version: number;
  readonly retiredVersion: number;
}

const news = (row: SourceNews): Outcome<SourceNews> =>
  done({ rows: row, wakes: [`source:${row.tenant}:${row.sourceId}`] });

/** A version is citable, and its predecessors no longer are. */
export const sourceIndexed = ({ tenantid: tenant, data }: Envelope<KnowledgeSourceIndexed>): Outcome<SourceNews> =>
  news({ tenant, sourceId: data.sourceId, version: data.version, retiredVersion: 0 });

/** A version, and all before it, may no longer be cited. */
export const sourceRetired = ({ tenantid: tenant, data }: Envelope<KnowledgeSourceRetired>): Outcome<SourceNews> =>
  news({ tenant, sourceId: data.sourceId, version: 0, retiredVersion: data.version });
