import { desksIn } from "@opsdesk/desk";
import { prefixedId, sha256Hex } from "@opsdesk/identity";
import { isoTime } from "@opsdesk/messaging";
import { service } from "@opsdesk/service";
import { countedSender } from "./clients/counted-sender.ts";
import { parseAddress } from "./clients/parse-address.ts";
import { secretBox } from "./clients/secret-box.ts";
import { undiciSender } from "./clients/sender.ts";
import { standardSigner } from "./clients/signer.ts";
import { tracedSender } from "./clients/traced-sender.ts";
import { readConfig } from "./config.ts";
import { mayConnect, mayRegister } from "./decide/address.ts";
import { OVERLAP_SECONDS, secretName } from "./decide/sync-endpoints.ts";
import { type ToldBefore, toldBefore } from "./decide/told-before.ts";
import { routes } from "./http/routes.ts";
import { webhookDeliver } from "./jobs/webhook-deliver.ts";
import { adoptSecrets, deskEndpoints } from "./store/declared-secrets.ts";
import { subscriptions } from "./subscriptions.ts";

/** Tells the systems that a business named, and keeps the proof that it did. */
export const webhookService = service({
  name: "webhook",
  schema: "webhook",
  migrations: new URL("../migrations/", import.meta.url),
  configure: readConfig,
  wire: (
    { secretsKey, endpointSecrets, allowAddresses, deadlineMs },
    { database, blobs, clock, meter, offer, publish },
  ) => {
    const attempts = meter.counter("opsdesk_webhook_attempts_total", "Webhook attempts by outcome.", ["outcome"]);
    const desks = desksIn("webhook", blobs);
    const box = secretBox(secretsKey);
    const declaredSecrets = new Map(
      [...endpointSecrets].map(([name, secret]) => [
        name,
        { secretId: prefixedId("sec", `${name}:${sha256Hex(secret)}`), sealed: box.seal(secret) },
      ]),
    );
    const refusal = (verdict: ReturnType<typeof mayRegister>): string | undefined =>
      verdict.allowed ? undefined : verdict.reason;
    const urlRefusal = (url: string): string | undefined => refusal(mayRegister(url, allowAddresses, parseAddress));
    const sending = tracedSender(
      undiciSender({
        deadlineMs,
        guard: { url: urlRefusal, address: (bytes, place) => refusal(mayConnect(bytes, place, allowAddresses)) },
      }),
    );
    const sender = countedSender(sending, (outcome) => attempts({ outcome }));
    const before = new Map<string, ToldBefore>();
    return {
      handlers: subscriptions({ desks, declaredSecrets, urlRefusal }),
      jobs: [webhookDeliver({ sender, sign: standardSigner(box), clock, deadlineMs, before })],
      routes: routes({ database, clock, offer, publish, box }),
      keys: { find: (sha256) => desks.holderOfKey(database, sha256) },
      start: async () => {
        if (declaredSecrets.size === 0) return;
        const end = new Date(clock.now() + OVERLAP_SECONDS * 1_000).toISOString();
        const declared = (await deskEndpoints(database)).flatMap(({ tenant, endpointId, name }) => {
          const secret = declaredSecrets.get(secretName(tenant, name));
          return secret === undefined ? [] : [{ tenant, endpointId, ...secret }];
        });
        await adoptSecrets(database, declared, isoTime(clock), end);
      },
      recovering: (facts) => {
        for (const [deliveryId, told] of toldBefore(facts)) before.set(deliveryId, told);
      },
      stop: () => sender.close(),
    };
  },
});
