/** node verify.mjs: takes webhooks on PORT and answers 204 to those that were signed with WEBHOOK_SECRET. */
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
// Delivery is at least once, and a retry keeps its id. Yours is kept where your own work commits.
const seen = new Set();

async function receive(request, response) {
  // The signature is of the bytes as they came: parsed and written again they would not fit it.
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("utf8");
  try {
    const event = webhook.verify(body, request.headers);
    const id = request.headers["webhook-id"];
    if (!seen.has(id)) {
      seen.add(id);
      console.log(JSON.stringify({ id, type: event.type, reference: event.data?.reference }));
    }
    response.writeHead(204).end();
  } catch (error) {
    response.writeHead(400).end(error.message);
  }
}

const server = createServer((request, response) => void receive(request, response));
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.error("listening"));
