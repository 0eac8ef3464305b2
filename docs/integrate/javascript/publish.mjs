/** node publish.mjs EXTERNAL_ID TEXT: hands one enquiry to the desk. */
import { Producer, stringSerializers } from "@platformatic/kafka";

const [externalId, text] = process.argv.slice(2);
const event = {
  specversion: "1.0",
  // The same id with the same content is one enquiry, however often it is sent: send again when in doubt.
  id: externalId,
  source: "/crm/it-service",
  type: "enquiry.submitted",
  data: { channel: "web", from: { name: "Maya Lindqvist", email: "maya@northwind.example" }, text, externalId },
};

const { KAFKA_USERNAME, KAFKA_PASSWORD } = process.env;
const producer = new Producer({
  clientId: "crm",
  bootstrapBrokers: process.env.KAFKA_BROKERS.split(","),
  ...(KAFKA_USERNAME && { sasl: { mechanism: "SCRAM-SHA-256", username: KAFKA_USERNAME, password: KAFKA_PASSWORD } }),
  serializers: stringSerializers,
  // No repetition in the topic when an answer of the broker is lost.
  idempotent: true,
});
const { offsets } = await producer.send({
  messages: [
    {
      topic: "enquiry.submitted.v1",
      // Records with one key stay in order: use what names the conversation.
      key: externalId,
      value: JSON.stringify(event),
      headers: { "content-type": "application/cloudevents+json" },
    },
  ],
});
for (const { topic, partition, offset } of offsets) console.log(`${topic} ${partition} ${offset}`);
await producer.close();
