import type { Bus } from "@opsdesk/messaging/bus";
import { type KafkaBusOptions, busOn, kafkaBus } from "@opsdesk/messaging/kafka-bus";
import { confluentClient } from "./confluent.ts";
import { platformaticClient } from "./platformatic.ts";

export type MakeBus = (brokers: readonly string[], options: Omit<KafkaBusOptions, "connection">) => Bus;

/** Its native part cannot be installed from a package registry alone: whoever has built it names the folder. */
const folder = process.env["OPSDESK_CONFLUENT_KAFKA"];

/** Clients that the bus has been tried on, by the name of their package. */
export const CLIENTS: { readonly kafkajs: MakeBus } & Readonly<Record<string, MakeBus>> = {
  kafkajs: (brokers, options) => kafkaBus({ ...options, connection: { brokers: [...brokers] } }),
  "@platformatic/kafka": (brokers, options) => busOn(platformaticClient(brokers, options.name), options),
  ...(folder === undefined
    ? {}
    : {
        "@confluentinc/kafka-javascript": (brokers, options) =>
          busOn(confluentClient(folder, brokers, options.name), options),
      }),
};
