import type { Database } from "@opsdesk/database";
import { RejectedError, TransientError } from "@opsdesk/errors";
import type { Offer } from "@opsdesk/messaging";
import type { AdminCommandSubmitted } from "@opsdesk/schemas/admin-command-submitted";
import type { KeyHolder } from "@opsdesk/service";
import type { EvaluationErrorCode } from "../decide/error-codes.ts";
import { requestHashOf, runIdOf } from "../decide/ids.ts";
import { EVALUATE, type StartReply } from "../decide/start-run.ts";
import { runById } from "../store/run-pages.ts";

export const refusal = (code: EvaluationErrorCode, message: string): RejectedError<EvaluationErrorCode> =>
  new RejectedError(code, message, { publicMessage: message });

/** Starts a run for the caller. The same key again answers the same run, and is refused for another wish. */
export async function startByHttp(
  { offer, database }: { readonly offer: Offer; readonly database: Database },
  { tenant, keyId }: KeyHolder,
  key: string,
  scenarioIds: readonly string[] | undefined,
): Promise<StartReply> {
  const source = `key:${keyId}`;
  const data: AdminCommandSubmitted = {
    actor: { kind: "system", id: keyId },
    target: "prompt",
    command: EVALUATE,
    arguments: scenarioIds === undefined ? {} : { scenarioIds },
  };
  const result = await offer({
    handler: "on-admin-command",
    type: "admin.command_submitted",
    tenant,
    source,
    data,
    idempotencyKey: `${tenant}:http:evaluate:${key}`,
    key: tenant,
  });
  switch (result.status) {
    case "done":
    case "ignored":
      // The handler's own reply; its type is lost on the way through the runtime.
      return result.reply as StartReply;
    case "rejected":
      throw new RejectedError(result.code, result.message, { publicMessage: result.message });
    case "deferred":
      throw new TransientError<EvaluationErrorCode>("desk_not_configured", "the desk has not arrived yet");
    case "duplicate": {
      const runId = runIdOf(tenant, source, result.eventId);
      const run = await runById(database, tenant, runId);
      if (run?.requestHash !== requestHashOf(scenarioIds))
        throw refusal("idempotency_key_reused", "This Idempotency-Key was used for another run.");
      return { runId };
    }
  }
}
