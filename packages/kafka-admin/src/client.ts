import { type KafkaConnection, type KafkaSasl, kafkaUserOf } from "@opsdesk/messaging/kafka-connection";
import { Admin, type BaseOptions, Connection, type SASLMechanismValue } from "@platformatic/kafka";
import { translated } from "./errors.ts";

// The services' own client, kafkajs, can neither set SCRAM passwords nor change one setting of a topic and leave the
// others, so what administers a cluster uses this one (docs/adr/0008).

const CLIENT_ID = kafkaUserOf("topics");
const CONNECT_MS_MAX = 5_000;
const REQUEST_MS_MAX = 30_000;

const MECHANISMS: Readonly<Record<KafkaSasl["mechanism"], SASLMechanismValue>> = {
  plain: "PLAIN",
  "scram-sha-256": "SCRAM-SHA-256",
  "scram-sha-512": "SCRAM-SHA-512",
};

type Sockets = Pick<BaseOptions, "connectTimeout" | "requestTimeout" | "sasl" | "tls" | "tlsServerName">;

function sockets({ sasl, ssl }: KafkaConnection): Sockets {
  return {
    connectTimeout: CONNECT_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    ...(sasl === undefined ? {} : { sasl: { ...sasl, mechanism: MECHANISMS[sasl.mechanism] } }),
    ...(ssl === undefined ? {} : { tls: { ...ssl }, tlsServerName: true }),
  };
}

export const adminOf = (connection: KafkaConnection): Admin =>
  new Admin({
    clientId: CLIENT_ID,
    bootstrapBrokers: connection.brokers,
    timeout: REQUEST_MS_MAX,
    retries: 3,
    retryDelay: 300,
    ...sockets(connection),
  });

/** A socket of its own to the first broker that answers, for requests that the admin client does not have. */
export async function connectOnce(connection: KafkaConnection): Promise<Connection> {
  let last: unknown;
  for (const broker of connection.brokers) {
    const { hostname, port } = new URL(`kafka://${broker}`);
    const socket = new Connection(CLIENT_ID, sockets(connection));
    // A refused sign-in is told by what `connect` throws; unheard, the event would end the process.
    socket.on("error", () => undefined);
    try {
      await socket.connect(hostname.replaceAll(/[[\]]/g, ""), Number(port));
      return socket;
    } catch (error) {
      last = error;
      await socket.close().catch(() => undefined);
    }
  }
  throw translated(last);
}
