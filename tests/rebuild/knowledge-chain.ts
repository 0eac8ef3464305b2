import { sha256Hex } from "@opsdesk/identity";
import type { OutgoingRecord } from "@opsdesk/messaging/bus";
import { exampleOf, recordOf } from "./events.ts";

/** Which the knowledge speaks of, and tickets too. */
export const SITES = ["Stockholm", "Gothenburg", "Harbour House", "Depot North"] as const;

const TOPICS = ["wifi", "password", "printer", "laptop", "mail", "access"] as const;

/** The desk of a business, as ingest would tell it. */
export const deskOf = (tenant: string, at: number): OutgoingRecord =>
  recordOf({
    type: "desk.configured",
    tenant,
    key: tenant,
    correlationId: `desk_${tenant}`,
    name: `rebuild:desk:${tenant}`,
    at,
    data: exampleOf("desk.configured", "inline"),
  });

const sourceId = (n: number): string => `kb_${n}`;

/** One version of one document of a business: a few sections on one topic. */
export function sourceSubmitted(tenant: string, n: number, version: number, at: number): OutgoingRecord {
  const topic = TOPICS[n % TOPICS.length] ?? "wifi";
  const content = [
    `# ${topic} playbook ${n}, edition ${version}`,
    ...["Symptoms", "What to do", "When it comes back"].map(
      (title, section) =>
        `## ${title}\n\nFor ${topic} number ${n}, part ${section}: it drops, is slow, does not start or asks for a password ` +
        `again. Restart it, then look at the device LT-${10_000 + n} and write down when it happened. Edition ${version}.`,
    ),
  ].join("\n\n");
  return recordOf({
    type: "knowledge.source_submitted",
    tenant,
    key: sourceId(n),
    correlationId: `kb_${tenant}_${n}`,
    name: `rebuild:source:${tenant}:${n}:${version}`,
    at,
    data: {
      sourceId: sourceId(n),
      title: `Playbook ${n}`,
      uri: `https://kb.example/${n}`,
      kind: "playbook",
      ...(n % 3 === 0 ? { site: SITES[n % SITES.length] } : {}),
      locale: "en",
      audience: n % 10 === 7 ? "staff" : "customer",
      contentType: "text/markdown",
      contentHash: sha256Hex(content),
      content,
    },
  });
}

/** Somebody takes a document out of every answer. */
export const sourceRetired = (tenant: string, n: number, at: number): OutgoingRecord =>
  recordOf({
    type: "admin.command_submitted",
    tenant,
    key: tenant,
    correlationId: `kb_${tenant}_${n}`,
    name: `rebuild:retired:${tenant}:${n}`,
    at,
    data: {
      actor: { kind: "person", id: "tomas", name: "Tomas Berg" },
      target: "source",
      command: "retire",
      arguments: { sourceId: sourceId(n) },
    },
  });
