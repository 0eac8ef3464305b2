import { RejectedError } from "@opsdesk/errors";

/** The command was called in a way that makes no sense: exit code 2. */
export class UsageError extends RejectedError<"usage"> {
  constructor(message: string) {
    super("usage", message, { publicMessage: message });
  }
}
