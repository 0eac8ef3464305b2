import { RejectedError, TransientError } from "@opsdesk/errors";
import type { OfferResult } from "@opsdesk/messaging";
import type { Code } from "../decide/codes.ts";

/** A refusal that whoever asked may read. */
export const refused = (code: Code, message: string): RejectedError<Code> =>
  new RejectedError(code, message, { publicMessage: message });

/** What an offer became, where that is an answer: refusals and delays are thrown. */
export function answered(result: OfferResult): {
  readonly status: "done" | "ignored" | "duplicate";
  readonly eventId: string;
  readonly reply: unknown;
} {
  switch (result.status) {
    case "done":
    case "ignored":
      return { status: result.status, eventId: result.eventId, reply: result.reply };
    case "duplicate":
      return { status: "duplicate", eventId: result.eventId, reply: undefined };
    case "deferred":
      throw new TransientError("try_again", `deferred: ${result.reason}`, {
        publicMessage: "Not possible right now; try again.",
      });
    case "rejected":
      throw new RejectedError(result.code, result.message, { publicMessage: result.message });
  }
}
