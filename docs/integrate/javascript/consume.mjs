/** node consume.mjs [GROUP]: prints each draft that waits for a person, one JSON line each. */
import { Consumer, stringDeserializers } from "@platformatic/kafka";

const { KAFKA_USERNAME, KAFKA_PASSWORD } = process.env;
const consumer = new Consumer({
  clientId: "crm",
  groupId: process.argv[2] ?? "opsdesk.crm",
  bootstrapBrokers: process.env.KAFKA_BROKERS.split(","),
  ...(KAFKA_USERNAME && { sasl: { mechanism: "SCRAM-SHA-256", username: KAFKA_USERNAME, password: KAFKA_PASSWORD } }),
  deserializers: stringDeserializers,
});
const stream = await consumer.consume({
  topics: ["ai.draft.review_required.v1"],
  mode: "committed",
  fallbackMode: "earliest",
  autocommit: false,
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void consumer.close(true));

// Delivery is at least once. Yours is kept where your own work commits.
const seen = new Set();
for await (const message of stream) {
  const { id, data } = JSON.parse(message.value);
  if (!seen.has(id)) {
    seen.add(id);
    const { reference, externalId, owner, dueBy, draft, consoleUrl } = data;
    console.log(JSON.stringify({ reference, externalId, owner: owner?.name, dueBy, draft: draft?.text, consoleUrl }));
  }
  // Only now: what was not handled comes again after a crash.
  await message.commit();
}
