import { type Read, type Sql, sql } from "@opsdesk/database";
import { lastBy } from "@opsdesk/messaging/handler";

interface DispositionRow {
  readonly tenant: string;
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly reference: string;
  readonly customerId: string;
  readonly draftId: string;
  readonly reviewId: string;
  readonly state: string;
  readonly verdict: string;
  readonly rules: readonly string[];
  readonly gateVersion: string;
  readonly policyHash: string;
  readonly inputs: string | null;
  readonly inputsHash: string;
  readonly decision: string;
  readonly decisionHash: string;
  readonly decidedAt: string;
}

/** Inserts; a version that another writer has gated meanwhile violates the key, and the batch is decided again. */
export function insertDispositions(rows: readonly DispositionRow[]): Sql {
  const of = <Value>(pick: (row: DispositionRow) => Value): readonly Value[] => rows.map(pick);
  return sql`insert into safety_gate.dispositions (tenant, ticket_id, conversation_version, reference, customer_id, draft_id, review_id, state,
      verdict, rules, gate_version, policy_hash, inputs, inputs_hash, decision, decision_hash, decided_at)
    select u.tenant, u.ticket_id, u.conversation_version, u.reference, u.customer_id, u.draft_id, u.review_id, u.state, u.verdict,
      array(select jsonb_array_elements_text(u.rules::jsonb)), u.gate_version, u.policy_hash, u.inputs, u.inputs_hash, u.decision, u.decision_hash, u.decided_at
    from unnest(${of((r) => r.tenant)}::text[], ${of((r) => r.ticketId)}::text[], ${of((r) => r.conversationVersion)}::bigint[],
      ${of((r) => r.reference)}::text[], ${of((r) => r.customerId)}::text[], ${of((r) => r.draftId)}::text[], ${of((r) => r.reviewId)}::text[],
      ${of((r) => r.state)}::text[], ${of((r) => r.verdict)}::text[], ${of((r) => JSON.stringify(r.rules))}::text[],
      ${of((r) => r.gateVersion)}::text[], ${of((r) => r.policyHash)}::text[], ${of((r) => r.inputs)}::text[], ${of((r) => r.inputsHash)}::text[],
      ${of((r) => r.decision)}::text[], ${of((r) => r.decisionHash)}::text[], ${of((r) => r.decidedAt)}::timestamptz[])
      u(tenant, ticket_id, conversation_version, reference, customer_id, draft_id, review_id, state, verdict, rules, gate_version, policy_hash,
        inputs, inputs_hash, decision, decision_hash, decided_at)`;
}

interface Move {
  readonly tenant: string;
  readonly draftId: string;
  readonly to: string;
  readonly reason: string;
}

/** Moves dispositions on from `gated`; what has left it stays where it is. The first move of a draft counts. */
export function moveDispositions(moves: readonly Move[]): Sql {
  const first = lastBy(moves.toReversed(), (move) => `${move.tenant} ${move.draftId}`);
  return sql`update safety_gate.dispositions d set state = u.state, state_reason = u.reason
    from unnest(${first.map((m) => m.tenant)}::text[], ${first.map((m) => m.draftId)}::text[], ${first.map((m) => m.to)}::text[],
      ${first.map((m) => m.reason)}::text[]) u(tenant, draft_id, state, reason)
    where d.tenant = u.tenant and d.draft_id = u.draft_id and d.state = 'gated'`;
}

export interface KeptDecision {
  readonly ticketId: string;
  readonly reference: string;
  readonly conversationVersion: number;
  readonly draftId: string;
  readonly reviewId: string;
  readonly state: string;
  readonly stateReason: string | null;
  readonly verdict: string;
  readonly rules: readonly string[];
  readonly gateVersion: string;
  readonly policyHash: string;
  readonly inputs: string | null;
  readonly inputsHash: string;
  readonly decision: string;
  readonly decisionHash: string;
  readonly decidedAt: Date;
}

/** Every decision about a ticket, named by its reference or id, by conversation version. */
export const decisionsOf = (read: Read, tenant: string, ticketRef: string): Promise<readonly KeptDecision[]> =>
  read.query<KeptDecision>(
    sql`select ticket_id as "ticketId", reference, conversation_version as "conversationVersion", draft_id as "draftId", review_id as "reviewId",
          state, state_reason as "stateReason", verdict, rules, gate_version as "gateVersion", policy_hash as "policyHash", inputs,
          inputs_hash as "inputsHash", decision, decision_hash as "decisionHash", decided_at as "decidedAt"
        from safety_gate.dispositions where tenant = ${tenant} and (reference = ${ticketRef} or ticket_id = ${ticketRef})
        order by ticket_id, conversation_version`,
  );
