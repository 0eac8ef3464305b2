import { styleText } from "node:util";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import { counted, short, table } from "../terminal/table.ts";
import { verdictText } from "./outcome.ts";
import type { Story } from "./story.ts";

/** A ticket's story as a person reads it: what became of it, then how, with the events last. */
export function tellStory(story: Story): string {
  return sections(story)
    .filter(({ lines }) => lines !== "")
    .map(({ title, lines }) => `${styleText("bold", title)}\n${lines}`)
    .join("\n\n");
}

function sections(story: Story): readonly { readonly title: string; readonly lines: string }[] {
  const start = Date.parse(story.events[0]?.time ?? "");
  const after = (time: string): string => `+${(Date.parse(time) - start).toLocaleString("en")} ms`;
  return [
    { title: `${story.reference} ${short(story.subject ?? "(no subject)", 100)}`, lines: headOf(story) },
    {
      title: "Steps",
      lines: story.steps
        .map(
          ({ at, happened, step, title }) =>
            `${happened ? styleText("green", "✔") : styleText("dim", "·")} ${String(step).padStart(2)} ${title}${at === null ? "" : styleText("dim", ` ${after(at)}`)}`,
        )
        .join("\n"),
    },
    {
      title: "Runs",
      lines: some(["started", "job", "outcome", "model", "ms", "tokens"], story.runs, (run) => [
        after(run.startedAt),
        run.job,
        run.reason === undefined ? run.outcome : `${run.outcome}: ${short(run.reason, 60)}`,
        run.model,
        run.latencyMs.toFixed(0),
        run.inputTokens + run.outputTokens,
      ]),
    },
    {
      title: "Evidence",
      lines: some(
        ["source", "title", "section", "score", "quoted"],
        story.evidence,
        ({ citation, quoted, score, section }) => [
          citation.sourceId,
          short(citation.title, 50),
          short(section, 50),
          score.toFixed(3),
          quoted ? "yes" : "",
        ],
      ),
    },
    { title: "Context", lines: contextOf(story) },
    {
      title: "Gate",
      lines: story.gate
        .map(({ at, reasons, verdict }) =>
          [`${after(at)} ${verdictText(verdict)}`, ...reasons.map(({ rule, words }) => `  ${rule}: ${words}`)].join(
            "\n",
          ),
        )
        .join("\n"),
    },
    {
      title: "Webhooks",
      lines: some(["at", "endpoint", "event", "outcome", "attempts", "status", "ms"], story.webhooks, (one) => [
        after(one.at),
        one.endpointName,
        one.ofEventType,
        one.code === null ? one.outcome : `${one.outcome}: ${one.code}`,
        one.attempts,
        one.status,
        one.latencyMs?.toFixed(0),
      ]),
    },
    {
      title: "People",
      lines: some(["at", "who", "what"], story.actions, ({ actorId, actorName, at, what }) => [
        after(at),
        actorName ?? actorId,
        what,
      ]),
    },
    {
      title: "Events",
      lines: some(["at", "type", "by", "id"], story.events, ({ id, source, time, type }) => [
        after(time),
        type,
        source.replace("/opsdesk/", ""),
        id,
      ]),
    },
  ];
}

function headOf({
  categoryId,
  channel,
  customer,
  disposition,
  dispositionReason,
  owner,
  priority,
  status,
  ticketId,
  totals,
}: Story): string {
  const facts = [customer.name, channel, status, priority, categoryId, owner?.name].filter(
    (fact) => fact !== null && fact !== undefined,
  );
  const became =
    disposition === null ? [] : [`${disposition}${dispositionReason === null ? "" : `: ${dispositionReason}`}`];
  return [
    [...facts, ...became].join(" · "),
    styleText(
      "dim",
      `${ticketId} · ${counted(totals.events, "event")}, ${counted(totals.runs, "run")}, ${counted(totals.webhookAttempts, "webhook attempt")}, ${(totals.elapsedMs / 1_000).toFixed(1)} s, ${(totals.costMicros / 1_000_000).toFixed(4)} USD`,
    ),
  ].join("\n");
}

/** What the evidence does not show: where the ticket stands among others, and which store could not answer. */
function contextOf({ events }: Story): string {
  const found = events.findLast(({ type }) => type === "context.retrieved")?.data as
    // Optional, since events before 1.1 do not have them.
    Partial<Pick<ContextRetrieved, "degraded" | "incident" | "neighbours">> | undefined;
  const { degraded = [], incident, neighbours = [] } = found ?? {};
  return [
    ...(incident === undefined
      ? []
      : [`${incident.tickets} tickets about ${incident.kind} ${incident.id} within ${incident.windowMinutes} minutes`]),
    ...neighbours.map(
      ({ reference, shared }) => `${reference} shares ${shared.map(({ id, kind }) => `${kind} ${id}`).join(", ")}`,
    ),
    ...degraded.map(({ leg, reason, store }) => `${leg}: ${store} did not answer (${reason}), Postgres did`),
  ].join("\n");
}

const some = <Item>(
  head: readonly string[],
  items: readonly Item[],
  row: (item: Item) => readonly (string | number | null | undefined)[],
): string => (items.length === 0 ? "" : table(head, items.map(row)));
