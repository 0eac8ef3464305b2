import type { Sender, Sent } from "./sender.ts";

/** Tells of each attempt how it went: `2xx` to `5xx`, or why there was no answer. */
export const countedSender = (sender: Sender, count: (outcome: string) => void): Sender => ({
  close: () => sender.close(),
  async send(outgoing, signal) {
    const sent = await sender.send(outgoing, signal);
    count(outcomeOf(sent));
    return sent;
  },
});

const outcomeOf = (sent: Sent): string =>
  sent.kind === "answered" ? `${String(Math.floor(sent.status / 100))}xx` : sent.code;
