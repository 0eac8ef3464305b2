import { RejectedError } from "@opsdesk/errors";
import { RECORD_BYTES_MAX } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { InputAccepted } from "@opsdesk/schemas/input-accepted";
import type { NewEvent } from "./outcome.ts";

/**
 * What comes by HTTP is in no topic. Where the slice and the log can be restored apart from each other, each input that
 * was carried out is therefore published too, in the transaction of its effects: only a recovery reads it.
 */
export interface InputKeeping {
  /** What is too large for a record. */
  readonly blobs: InputBlobs;
}

export interface InputBlobs {
  put(tenant: string, content: Uint8Array): Promise<{ ref: string; sha256: string; bytes: number }>;
  get(ref: string): Promise<Uint8Array | undefined>;
}

/** The envelope round it, and whatever three bytes a character may come to. */
const INPUT_LENGTH_MAX = RECORD_BYTES_MAX / 3 - 4_096;

/** The event that keeps an input. `handler` is the name within its service. */
export async function keptInput(
  { blobs }: InputKeeping,
  handler: string,
  event: Envelope,
  key: string,
): Promise<NewEvent> {
  const text = JSON.stringify(event);
  const small = text.length <= INPUT_LENGTH_MAX;
  const data: InputAccepted = {
    handler,
    input: small ? { ...event } : null,
    inputRef: small
      ? null
      : { ...(await blobs.put(event.tenantid, new TextEncoder().encode(text))), contentType: "application/json" },
  };
  return { type: "input.accepted", key, data, ...(event.subject === undefined ? {} : { subject: event.subject }) };
}

/** The input again, from what was kept of it. Throws RejectedError `input_gone` where its blob is not there. */
export async function inputOf(blobs: InputBlobs, { input, inputRef }: InputAccepted): Promise<Envelope> {
  // Only `keptInput` writes these, from an envelope.
  if (input !== null) return input as unknown as Envelope;
  const content = inputRef === null ? undefined : await blobs.get(inputRef.ref);
  if (content === undefined)
    throw new RejectedError("input_gone", `an input is not among the blobs: ${inputRef?.ref ?? "it has no reference"}`);
  return JSON.parse(new TextDecoder().decode(content)) as Envelope;
}
