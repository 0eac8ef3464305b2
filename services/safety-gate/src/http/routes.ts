import type { Read } from "@opsdesk/database";
import { RejectedError } from "@opsdesk/errors";
import type { App } from "@opsdesk/service";
import Type, { type Static } from "typebox";
import { type Replay, replay } from "../decide/replay.ts";
import { type KeptDecision, decisionsOf } from "../store/dispositions.ts";
import { type AutoSendPorts, autoSendRoutes } from "./auto-send.ts";
import { verifyAudit } from "./verify-audit.ts";

const TicketRef = Type.Object({
  ticketRef: Type.String({ minLength: 1, maxLength: 200, description: "reference (OD-1025) or ticket id" }),
});

const place = {
  ticketId: Type.String(),
  reference: Type.String(),
  conversationVersion: Type.Integer(),
  draftId: Type.String(),
};

const Decisions = Type.Object({
  items: Type.Array(
    Type.Object({
      ...place,
      reviewId: Type.String(),
      state: Type.String({ description: "not_run, failed, abstained, gated, applied, refused or retired" }),
      stateReason: Type.Union([Type.String(), Type.Null()]),
      verdict: Type.String(),
      rules: Type.Array(Type.String()),
      gateVersion: Type.String(),
      policyHash: Type.String(),
      inputsHash: Type.String(),
      decisionHash: Type.String(),
      decidedAt: Type.String(),
    }),
  ),
});

const Replays = Type.Object({
  items: Type.Array(
    Type.Object({
      ...place,
      replay: Type.Union([
        Type.Object({ result: Type.Literal("same"), gateVersion: Type.String(), decisionHash: Type.String() }),
        Type.Object({ result: Type.Literal("altered"), what: Type.String() }),
        Type.Object({ result: Type.Literal("erased") }),
        Type.Object({
          result: Type.Literal("different"),
          storedVersion: Type.String(),
          gateVersion: Type.String(),
          verdict: Type.Object({ stored: Type.String(), now: Type.String() }),
          onlyStored: Type.Array(Type.String()),
          onlyNow: Type.Array(Type.String()),
          otherWords: Type.Array(Type.String()),
        }),
      ]),
    }),
  ),
});

const Audit = Type.Object({
  verified: Type.Boolean(),
  rows: Type.Integer({ description: "rows verified" }),
  head: Type.String({ description: "hash of the newest verified row" }),
  problem: Type.Optional(Type.Object({ sequence: Type.Integer(), problem: Type.String() })),
});

async function decisions(read: Read, tenant: string, ticketRef: string): Promise<readonly KeptDecision[]> {
  const found = await decisionsOf(read, tenant, ticketRef);
  if (found.length > 0) return found;
  throw new RejectedError("ticket_not_found", "the gate has decided nothing about this ticket", {
    publicMessage: "The gate has decided nothing about this ticket. Use its reference or its id.",
  });
}

async function listed(read: Read, tenant: string, ticketRef: string): Promise<Static<typeof Decisions>> {
  const found = await decisions(read, tenant, ticketRef);
  return {
    items: found.map(({ inputs: _inputs, decision: _decision, rules, decidedAt, ...row }) => ({
      ...row,
      rules: [...rules],
      decidedAt: decidedAt.toISOString(),
    })),
  };
}

async function replayed(read: Read, tenant: string, ticketRef: string): Promise<Static<typeof Replays>> {
  const found = await decisions(read, tenant, ticketRef);
  return {
    items: found.map((kept) => ({
      ticketId: kept.ticketId,
      reference: kept.reference,
      conversationVersion: kept.conversationVersion,
      draftId: kept.draftId,
      replay: serialisable(replay(kept)),
    })),
  };
}

/** The response's own arrays: those of a decision are read-only. */
const serialisable = (result: Replay) =>
  result.result === "different"
    ? {
        ...result,
        onlyStored: [...result.onlyStored],
        onlyNow: [...result.onlyNow],
        otherWords: [...result.otherWords],
      }
    : result;

/** The kill switch; and for operators what the gate decided, whether it would again, and whether the audit chain is whole. */
export const routes =
  (ports: AutoSendPorts) =>
  (app: App): void => {
    const read = ports.database;
    autoSendRoutes(ports)(app);
    app.get(
      "/ops/safety-gate/decisions/:ticketRef",
      { config: { scope: "ops" }, schema: { params: TicketRef, response: { 200: Decisions } } },
      (request) => listed(read, request.holder.tenant, request.params.ticketRef),
    );
    app.get(
      "/ops/safety-gate/decisions/:ticketRef/replay",
      { config: { scope: "ops" }, schema: { params: TicketRef, response: { 200: Replays } } },
      (request) => replayed(read, request.holder.tenant, request.params.ticketRef),
    );
    app.get(
      "/ops/safety-gate/audit/verify",
      { config: { scope: "ops" }, schema: { response: { 200: Audit } } },
      (request) => verifyAudit(read, request.holder.tenant),
    );
  };
