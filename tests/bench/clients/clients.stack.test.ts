import { kafkaBusContract } from "@opsdesk/messaging/testing";
import { testKafka } from "@opsdesk/servers/suites";
import { CLIENTS } from "./clients.ts";

const { brokers } = testKafka();

for (const [name, makeBus] of Object.entries(CLIENTS))
  kafkaBusContract(name, () => makeBus(brokers, { name: "opsdesk.contract", lingerMs: 3, onTrouble: () => undefined }));
