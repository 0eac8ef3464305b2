import type { deliveryFields } from "./delivery-fields.ts";
import type { draftFields } from "./draft-fields.ts";
import type { eventFields } from "./event-fields.ts";
import type { runFields } from "./run-fields.ts";
import type { ticketFields } from "./ticket-fields.ts";

/** Saved objects of OpenSearch Dashboards: what an analyst imports and then changes as they like. */
interface FieldsOf {
  readonly events: typeof eventFields;
  readonly tickets: typeof ticketFields;
  readonly drafts: typeof draftFields;
  readonly runs: typeof runFields;
  readonly deliveries: typeof deliveryFields;
}
type Name = keyof FieldsOf;

const TIME_FIELDS: { readonly [N in Name]: keyof FieldsOf[N] & string } = {
  events: "time",
  tickets: "openedAt",
  drafts: "proposedAt",
  runs: "startedAt",
  deliveries: "endedAt",
};

interface Chart {
  readonly id: string;
  readonly title: string;
  readonly index: Name;
  readonly type: "histogram" | "line" | "pie" | "table" | "metric";
  readonly aggregations: readonly object[];
  readonly filter: string;
}

const aggregation = (id: number, type: string, schema: string, params: object): object => ({
  id: String(id),
  enabled: true,
  type,
  schema,
  params,
});

/** A figure, by one or two fields; `over` puts it on the time axis. */
function chart<N extends Name>(
  id: string,
  title: string,
  index: N,
  told: {
    readonly type: Chart["type"];
    readonly figure?: { readonly type: "sum" | "avg" | "median" | "max"; readonly field: keyof FieldsOf[N] & string };
    readonly by?: readonly (keyof FieldsOf[N] & string)[];
    readonly over?: keyof FieldsOf[N] & string;
    readonly filter?: string;
  },
): Chart {
  const figure =
    told.figure === undefined
      ? aggregation(1, "count", "metric", {})
      : aggregation(1, told.figure.type, "metric", {
          field: told.figure.field,
          ...(told.figure.type === "median" ? { percents: [50] } : {}),
        });
  const over =
    told.over === undefined
      ? []
      : [aggregation(2, "date_histogram", "segment", { field: told.over, interval: "auto", min_doc_count: 1 })];
  const by = (told.by ?? []).map((field, at) =>
    aggregation(
      3 + at,
      "terms",
      told.type === "table" ? "bucket" : at === 0 && told.over === undefined ? "segment" : "group",
      { field, size: 20, order: "desc", orderBy: "1" },
    ),
  );
  return { id, title, index, type: told.type, aggregations: [figure, ...over, ...by], filter: told.filter ?? "" };
}

const charts: readonly Chart[] = [
  chart("volume", "Tickets by category", "tickets", { type: "histogram", over: "openedAt", by: ["categoryId"] }),
  chart("backlog", "Open tickets by priority", "tickets", {
    type: "table",
    by: ["priority", "categoryId"],
    filter: "status: open",
  }),
  chart("first-reply", "Median seconds to the first reply", "tickets", {
    type: "line",
    over: "openedAt",
    figure: { type: "median", field: "firstReplySeconds" },
  }),
  chart("verdicts", "Sent automatically or reviewed", "drafts", { type: "pie", by: ["verdict"] }),
  chart("decisions", "What reviewers decide", "drafts", { type: "pie", by: ["decision"] }),
  chart("reasons", "Why drafts go to review", "drafts", {
    type: "table",
    by: ["rules", "decision"],
    filter: "verdict: review",
  }),
  chart("dispositions", "What became of drafts", "drafts", {
    type: "histogram",
    over: "proposedAt",
    by: ["disposition"],
  }),
  chart("cost", "Cost by prompt version, in micro-dollars", "runs", {
    type: "histogram",
    over: "startedAt",
    by: ["promptVersion"],
    figure: { type: "sum", field: "costMicros" },
  }),
  chart("webhooks", "Webhook deliveries by endpoint", "deliveries", { type: "table", by: ["endpointName", "state"] }),
  chart("freshness", "Newest event", "events", { type: "metric", figure: { type: "max", field: "time" } }),
];

const DASHBOARD = "opsdesk-overview";
const COLUMNS = 48;
const PANEL = { width: COLUMNS / 2, height: 14 } as const;

const patternId = (prefix: string, index: string): string => `${prefix}-${index}`;

/** One JSON document a line, as the import of saved objects takes them. */
export function savedObjects(prefix: string): string {
  const patterns = Object.entries(TIME_FIELDS).map(([index, timeFieldName]) => ({
    id: patternId(prefix, index),
    type: "index-pattern",
    attributes: { title: patternId(prefix, index), timeFieldName },
    references: [],
  }));
  const visualizations = charts.map((one) => ({
    id: `${prefix}-${one.id}`,
    type: "visualization",
    attributes: {
      title: one.title,
      visState: JSON.stringify({ title: one.title, type: one.type, aggs: one.aggregations, params: {} }),
      uiStateJSON: "{}",
      description: "",
      version: 1,
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({
          query: { query: one.filter, language: "kuery" },
          filter: [],
          indexRefName: "kibanaSavedObjectMeta.searchSourceJSON.index",
        }),
      },
    },
    references: [
      {
        name: "kibanaSavedObjectMeta.searchSourceJSON.index",
        type: "index-pattern",
        id: patternId(prefix, one.index),
      },
    ],
  }));
  const dashboard = {
    id: DASHBOARD,
    type: "dashboard",
    attributes: {
      title: "OpsDesk: overview",
      description: "",
      panelsJSON: JSON.stringify(
        charts.map((_, at) => ({
          panelIndex: String(at + 1),
          panelRefName: `panel_${at}`,
          embeddableConfig: {},
          gridData: {
            i: String(at + 1),
            x: (at % 2) * PANEL.width,
            y: Math.floor(at / 2) * PANEL.height,
            w: PANEL.width,
            h: PANEL.height,
          },
        })),
      ),
      optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
      version: 1,
      timeRestore: true,
      timeFrom: "now-30d",
      timeTo: "now",
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { query: "", language: "kuery" }, filter: [] }),
      },
    },
    references: charts.map((one, at) => ({ name: `panel_${at}`, type: "visualization", id: `${prefix}-${one.id}` })),
  };
  return `${[...patterns, ...visualizations, dashboard].map((one) => JSON.stringify(one)).join("\n")}\n`;
}
