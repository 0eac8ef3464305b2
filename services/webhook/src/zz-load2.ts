import { sql } from "@opsdesk/database";
import { startHarness } from "@opsdesk/service/testing";
import { CRM_SECRET, SECRETS_KEY, aDesk, anEvent, receiver } from "./webhook.fixture.ts";
import { webhookService } from "./wiring.ts";
const crm = await receiver();
const desk = await startHarness(webhookService, { environment: { LOG_LEVEL: "warn", OPSDESK_SECRETS_KEY: SECRETS_KEY, OPSDESK_ENDPOINT_SECRET_CRM: CRM_SECRET, WEBHOOK_ALLOW_ADDRESSES: crm.address } });
await desk.given(aDesk([{ name: "crm", url: crm.url, ownerId: "priya", contact: "x", events: ["*"] }]));
const types = ["ai.draft.review_required", "ai.draft.reviewed", "ai.draft.retired", "ai.draft.auto_approved", "reply.sent", "reply.failed", "ticket.changed", "followup.suggested", "ai.draft.decision_refused"] as const;
const N = Number(process.argv[2] ?? 1000);
const t = performance.now();
await desk.given(...Array.from({ length: N }, (_, n) => anEvent(types[n % types.length]!, `tkt_${n % 300}`, { id: `e${n}` })));
const ms = performance.now() - t;
console.log(N, "events", Math.round(ms), "ms", Math.round(N / ms * 1000), "/s received", crm.received.length);
console.log(await desk.query(sql`select state, count(*), max(attempts) from webhook.webhook_deliveries group by 1`), await desk.query(sql`select code, count(*) from webhook.dead_letters group by 1`), await desk.query(sql`select min(sequence), max(sequence), count(distinct sequence) from webhook.webhook_deliveries`));

const { placedDeliveries } = await import("./store/deliveries.ts"); const { endpointsWithLanes } = await import("./store/audience.ts");
const ids = (await desk.query<any>(sql`select tenant, delivery_id as "deliveryId", lane from webhook.webhook_deliveries limit 32`));
for (let i = 0; i < 4; i++) { let a = performance.now(); await placedDeliveries(desk.read, ids, new Date().toISOString()); console.log("placed 32", Math.round(performance.now() - a)); a = performance.now(); await endpointsWithLanes(desk.read, Array.from({ length: 167 }, (_, n) => ({ tenant: "it-helpdesk", lane: `tkt_${n}` }))); console.log("lanes 167", Math.round(performance.now() - a)); }
const cap: any[] = []; await placedDeliveries({ query: async (q: any) => { cap.push(q); return []; } } as any, ids, new Date().toISOString());
const { Sql } = await import("@opsdesk/database");
console.log((await desk.query<any>(sql`${new Sql(["explain analyze "], [])}${cap[0]}`)).map((r: any) => r["QUERY PLAN"]).join("\n"));
await desk.stop(); await crm.close();
