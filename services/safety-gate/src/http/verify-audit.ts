import type { Read } from "@opsdesk/database";
import { type ChainProblem, NO_ROWS, verifyHead, verifyRows } from "../decide/audit-chain.ts";
import { auditHeads, auditRowsAfter } from "../store/audit.ts";

export interface AuditVerdict {
  readonly verified: boolean;
  readonly rows: number;
  readonly head: string;
  readonly problem?: ChainProblem;
}

const PAGE = 1_000;

/**
 * Walks a tenant's chain page by page up to the head as it was when the walk began, so that rows appended meanwhile
 * are not mistaken for damage.
 */
export async function verifyAudit(read: Read, tenant: string): Promise<AuditVerdict> {
  const kept = (await auditHeads(read, [tenant])).get(tenant) ?? NO_ROWS;
  let head = NO_ROWS;
  for (;;) {
    const page = await auditRowsAfter(read, tenant, head.sequence, PAGE);
    const rows = page.filter(({ sequence }) => sequence <= kept.sequence);
    const next = verifyRows(tenant, head, rows);
    if ("problem" in next) return { verified: false, rows: next.sequence - 1, head: head.hash, problem: next };
    head = next;
    if (rows.length < PAGE) break;
  }
  const problem = verifyHead(kept, head) ?? (await strayRow(read, tenant, kept.sequence));
  return {
    verified: problem === undefined,
    rows: head.sequence,
    head: head.hash,
    ...(problem === undefined ? {} : { problem }),
  };
}

/** A row beyond the head is either newer than the walk, and then the head has moved with it, or planted. */
async function strayRow(read: Read, tenant: string, sequence: number): Promise<ChainProblem | undefined> {
  const [stray] = await auditRowsAfter(read, tenant, sequence, 1);
  if (stray === undefined) return undefined;
  const now = (await auditHeads(read, [tenant])).get(tenant) ?? NO_ROWS;
  return now.sequence > sequence ? undefined : { sequence: stray.sequence, problem: "head_differs" };
}
