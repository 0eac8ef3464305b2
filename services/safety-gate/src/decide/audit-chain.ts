import { canonicalJson, contentHash } from "@opsdesk/identity";

/**
 * The audit chain of a tenant: every row's hash covers its place, its content and the hash before it, so that no
 * row can be changed, dropped, added or moved unseen. Content holds ids and hashes, never a customer's words:
 * erasure leaves the chain whole.
 */
export interface AuditHead {
  /** Of the newest row; 0 before the first. */
  readonly sequence: number;
  readonly hash: string;
}

export interface AuditContent {
  readonly action: string;
  readonly object: string;
  readonly ticketId: string | null;
  readonly actor: { readonly kind: string; readonly id: string };
  /** RFC 3339. */
  readonly at: string;
  readonly detail: Readonly<Record<string, string | number | boolean | readonly string[] | null>>;
}

export interface AuditRow {
  readonly tenant: string;
  readonly sequence: number;
  readonly previousHash: string;
  readonly hash: string;
  /** Copies of the content's, for queries; verified against it. */
  readonly action: string;
  readonly ticketId: string | null;
  /** Canonical JSON of AuditContent. */
  readonly content: string;
}

/** What the first row of a chain points at. */
export const NO_ROWS: AuditHead = { sequence: 0, hash: "0".repeat(64) };

const rowHash = (row: Pick<AuditRow, "tenant" | "sequence" | "previousHash" | "content">): string =>
  contentHash([row.tenant, row.sequence, row.previousHash, row.content]);

/** The row that comes after the head. */
export function auditRow(tenant: string, head: AuditHead, content: AuditContent): AuditRow {
  const unsigned = { tenant, sequence: head.sequence + 1, previousHash: head.hash, content: canonicalJson(content) };
  return { ...unsigned, hash: rowHash(unsigned), action: content.action, ticketId: content.ticketId };
}

export interface ChainProblem {
  readonly sequence: number;
  readonly problem: "missing" | "broken_link" | "altered" | "head_differs";
}

/** Checks the next rows of a chain, in order of sequence, from a head that has been checked: the new head, or what is wrong. */
export function verifyRows(tenant: string, from: AuditHead, rows: readonly AuditRow[]): AuditHead | ChainProblem {
  let head = from;
  for (const row of rows) {
    const expected = head.sequence + 1;
    if (row.sequence !== expected) return { sequence: expected, problem: "missing" };
    if (row.previousHash !== head.hash) return { sequence: expected, problem: "broken_link" };
    if (row.tenant !== tenant || rowHash(row) !== row.hash || !isCopied(row))
      return { sequence: expected, problem: "altered" };
    head = { sequence: row.sequence, hash: row.hash };
  }
  return head;
}

function isCopied(row: AuditRow): boolean {
  // The hash has just confirmed that this is what auditRow wrote.
  const content = JSON.parse(row.content) as AuditContent;
  return content.action === row.action && content.ticketId === row.ticketId;
}

/** Whether the kept head is where the verified chain ends: otherwise rows were cut off its end. */
export const verifyHead = (kept: AuditHead, verified: AuditHead): ChainProblem | undefined =>
  kept.sequence === verified.sequence && kept.hash === verified.hash
    ? undefined
    : { sequence: verified.sequence + 1, problem: "head_differs" };
