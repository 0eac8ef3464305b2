import { Webhook } from "standardwebhooks";
import type { SecretBox } from "./secret-box.ts";

/** The headers that prove where a body comes from, for one attempt at `at`. One signature for each secret. */
export type Sign = (
  sealed: readonly string[],
  id: string,
  at: string,
  body: string,
) => Readonly<Record<string, string>>;

const KEPT_MAX = 1_000;

/** Standard Webhooks. Opened secrets are kept in memory: a busy endpoint would be decrypted hundreds of times a second. */
export function standardSigner(box: SecretBox): Sign {
  const opened = new Map<string, Webhook>();
  const webhookOf = (sealed: string): Webhook => {
    const known = opened.get(sealed);
    if (known !== undefined) return known;
    const webhook = new Webhook(box.open(sealed));
    if (opened.size >= KEPT_MAX) opened.clear();
    opened.set(sealed, webhook);
    return webhook;
  };
  return (sealed, id, at, body) => {
    const time = new Date(at);
    return {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(time.getTime() / 1_000)),
      "webhook-signature": sealed.map((one) => webhookOf(one).sign(id, time, body)).join(" "),
    };
  };
}
