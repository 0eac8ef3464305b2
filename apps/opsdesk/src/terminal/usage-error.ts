import { RejectedError } from "@opsdesk/errors";

/** The command was called in a way that makes no sense: exit code 2. */
export class UsageError extends RejectedError<"usage" | "service_unknown"> {
  constructor(message: string, code: "usage" | "service_unknown" = "usage") {
    super(code, message, { publicMessage: message });
  }
}
