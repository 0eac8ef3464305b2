import { RejectedError } from "@opsdesk/errors";
import type { ErrorCode } from "../decide/error-codes.ts";

export const refusal = (code: ErrorCode, message: string): RejectedError<ErrorCode> =>
  new RejectedError(code, message, { publicMessage: message });
