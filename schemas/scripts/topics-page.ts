import type { TopicEntry } from "../src/index.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

function retention(topic: TopicEntry): string {
  if (topic.cleanupPolicy === "compact") return "newest per key";
  return topic.retentionMs === -1 ? "kept" : `${topic.retentionMs / DAY_MS} days`;
}

function row(topic: TopicEntry): string {
  const cells = [
    `\`${topic.name}\``,
    topic.meaning,
    topic.key,
    topic.class,
    String(topic.partitions),
    retention(topic),
    topic.producers.join(", "),
    topic.consumers.join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The catalogue as a page for people. */
export const topicsPage = (
  topics: readonly TopicEntry[],
): string => `<!-- Generated from schemas/src by \`pnpm --filter @opsdesk/schemas generate\`. -->
# Topics

One topic per event type and major version. Topics have no order between them: compare \`aggregateVersion\` and
\`conversationVersion\`. A topic's partition count is fixed when it is created. \`upstream\` and \`crm\` are parties outside.

| topic | meaning | key | class | partitions | retention | producers | consumers |
| --- | --- | --- | --- | --- | --- | --- | --- |
${topics.map(row).join("\n")}

Keys: \`ticket\` is the ticket id; \`thread\` is \`<tenant>:<thread or external id>\`, and where it is null no order is
promised; \`tenant\`, \`source\` and \`endpoint\` are their ids; \`original\` is the key of the record that was parked.

Classes: a \`fact\` is kept, so that read models can be rebuilt; of \`state\` the newest record per key is kept;
\`command\` and \`operational\` records are kept for 14 days.
`;
