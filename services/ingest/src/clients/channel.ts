/** A reply as a channel takes it. */
export interface OutgoingMail {
  /** The Message-ID: the same for a repeat, so that a receiver that sees it twice can tell. */
  readonly messageId: string;
  readonly to: { readonly name: string; readonly email: string | undefined };
  readonly fromName: string;
  readonly subject: string;
  readonly text: string;
  /** Message-IDs of the conversation, oldest first. */
  readonly references: readonly string[];
  /** Written and released by machine: said in the headers, so that no other machine answers. */
  readonly automatic: boolean;
}

/**
 * The channel port: how a reply leaves. Resolves when whoever is next has taken it over. Throws TransientError
 * `channel_unavailable` where trying again may help, RejectedError `channel_refused` where it cannot. A crash between
 * sending and remembering sends again, with the same Message-ID.
 */
export interface Channel {
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>;
}

/** The CRM sends: it learns of the reply from `reply.sent`, and nothing leaves from here. */
export const recordChannel: Channel = { send: () => Promise.resolve() };

/** For tests, and for shadow tenants: keeps what would have left. */
export interface CaptureChannel extends Channel {
  readonly captured: readonly OutgoingMail[];
}

/** A desk that evaluates for weeks must not fill the memory with what nobody reads. */
const CAPTURED_MAX = 1_000;

export function captureChannel(): CaptureChannel {
  const captured: OutgoingMail[] = [];
  return {
    captured,
    send(mail) {
      captured.push(mail);
      if (captured.length > CAPTURED_MAX) captured.shift();
      return Promise.resolve();
    },
  };
}
