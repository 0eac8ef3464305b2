import { type Parts, type Ports, type ServiceDefinition, service } from "@opsdesk/service";
import { captureChannel, recordChannel } from "./clients/channel.ts";
import { postalMimeParser } from "./clients/mail-parser.ts";
import { smtpChannel } from "./clients/smtp-channel.ts";
import { type Config, configure } from "./config.ts";
import { businessRoutes } from "./http/businesses.ts";
import { deskRoutes } from "./http/desk.ts";
import { enquiryRoutes } from "./http/enquiries.ts";
import { inboundEmailRoutes } from "./http/inbound-email.ts";
import { ticketRoutes } from "./http/tickets.ts";
import { replySend } from "./jobs/reply-send.ts";
import { holderOfKey } from "./store/api-keys.ts";
import { businessesIn } from "./store/businesses.ts";
import { saidBefore } from "./said-before.ts";
import { subscriptions } from "./subscriptions.ts";
import { tellBreaches } from "./timers/tell-breaches.ts";

/** Intake, tickets, and the release of replies. */
export const ingestService: ServiceDefinition = service<Config>({
  name: "ingest",
  schema: "ingest",
  migrations: new URL("../migrations/", import.meta.url),
  configure,
  wire,
});

function wire(config: Config, ports: Ports): Parts {
  const businesses = businessesIn();
  const smtp = config.smtp === undefined ? undefined : smtpChannel(config.smtp);
  const channels = { record: recordChannel, capture: captureChannel(), smtp: smtp ?? recordChannel };
  const before = saidBefore(businesses);
  const carrier = smtp !== undefined ? "smtp" : config.capture ? "capture" : "record";
  return {
    handlers: subscriptions(businesses, ports.blobs, before),
    jobs: [replySend({ businesses, carrier, channels, before })],
    timers: [tellBreaches(ports)],
    keys: { find: (sha256) => holderOfKey(ports.database, sha256) },
    routes: (app) => {
      enquiryRoutes(app, ports);
      inboundEmailRoutes(app, ports, postalMimeParser);
      ticketRoutes(app, ports);
      deskRoutes(app, ports, businesses);
      businessRoutes(app, ports, config.installKeySha256);
    },
    recovering: before.learn,
    stop: () => {
      smtp?.close();
      return Promise.resolve();
    },
  };
}
