import type { SpanKindOfOurs } from "../../packages/telemetry/src/spans.ts";

interface Telemetry {
  readonly spans: readonly SpanKindOfOurs[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly metrics: readonly {
    readonly name: string;
    readonly help: string;
    readonly type: string;
    readonly labels: readonly string[];
  }[];
}

const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const code = (text: string): string => `\`${text}\``;
const list = (names: readonly string[]): string => names.map(code).join(", ");

/** docs/telemetry.md: the words are here, the tables come from what the code registers. */
export const page = ({ spans, attributes, metrics }: Telemetry): string => `# Telemetry

Traces, metrics and logs of every service, under the same ids. This page is written by
\`node scripts/generate-telemetry.ts\` from the registry in \`packages/telemetry\` and from the metrics that a process
registers; a test holds every span that a running desk exports against it.

## Switch it on

\`\`\`sh
OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 npx opsdesk up
\`\`\`

Any receiver of OTLP over HTTP will do: a collector, Jaeger, Tempo. Traces go to \`/v1/traces\` below that address, as
JSON. Unset, the SDK is not even loaded, and only a \`traceparent\` that came in is handed on, event by event, to the
webhook. The SDK's own variables work as well: \`OTEL_EXPORTER_OTLP_HEADERS\`, \`OTEL_EXPORTER_OTLP_TIMEOUT\`,
\`OTEL_EXPORTER_OTLP_COMPRESSION\`, \`OTEL_RESOURCE_ATTRIBUTES\`, \`OTEL_SERVICE_NAME\`. \`OTEL_TRACES_SAMPLER_ARG\` is the
share of traces to keep, from 0 to 1; a trace that came in with an enquiry keeps its caller's choice. What cannot be
handed over is dropped, and told once a minute as
[\`telemetry_unavailable\`](failure-modes.md#telemetry_unavailable). A stop gives the last spans three seconds.

Metrics are not pushed. Prometheus, or the collector's \`prometheus\` receiver, reads them from \`/metrics\` of each
process. Logs go to stderr as JSON lines (a service alone: stdout), each with \`trace_id\` and \`span_id\` of what it
belongs to.

## Read one ticket's trace

An enquiry and all that follows from it are one trace, over every service, topic and job, to the webhook that tells the
CRM. To find it:

1. by the ticket: any of its events in \`npx opsdesk tail --json\` or on a topic has \`traceparent\`, whose second part is the
   trace id;
2. by the correlation id: search for \`messaging.message.conversation_id\`;
3. from the CRM: the webhook's \`traceparent\` header names the attempt's span;
4. from the upstream: an enquiry that is sent with a \`traceparent\`, as an HTTP header or in its event, stays in its
   sender's trace.

Read downwards, it repeats one pattern:

\`\`\`
POST /v1/inbound-email                         the request
  ingest.on-enquiry-submitted                  the handler
    send ticket.created.v1                     an event that it made
      process ticket.created.v1                one for each service that consumes it
        triage.ticket                          a job that this sent
          triage demo-template-router-v1       the question to the model
          send ticket.triaged.v1
            ...
              process ai.draft.review_required.v1
                webhook.deliver
                  POST                         the attempt at the CRM
\`\`\`

The gap between a \`send\` and its \`process\` is time on the topic; the gap between a \`process\` and its job is time in
the queue. A \`process\` lasts as long as its batch, since events of a batch are written in one statement: the batch is
the \`poll\` span that it links to, in a trace of its own, with links to every event. Projections into other stores
(search, graph) have that \`poll\` alone. A span that failed has \`error.type\`, a code with a heading in a failure-modes
page or an HTTP status; it never has a message.

An event's id does not depend on its trace: a producer that repeats itself makes the same event again, at most with
another \`traceparent\`.

## Spans

Names follow the semantic conventions for messaging, HTTP and generative AI, version 1.44.

${[
  row("span", "kind", "what", "parent"),
  row("---", "---", "---", "---"),
  ...spans.map(({ name, kind, what, parent }) => row(code(name), kind, what, parent)),
].join("\n")}

${spans
  .map(
    ({ name, always, sometimes }) =>
      `- ${code(name)}: always ${list(always)}${sometimes.length === 0 ? "" : `; where they apply ${list(sometimes)}`}`,
  )
  .join("\n")}

## Attributes

No attribute, log line or metric label holds what a person wrote, an address, a key or a secret.

${[
  row("attribute", "meaning"),
  row("---", "---"),
  ...Object.entries(attributes).map(([name, meaning]) =>
    row(code(name), meaning === "" ? "As in the conventions." : meaning),
  ),
].join("\n")}

## Metrics

Times are in seconds, with the buckets that the conventions advise. Gauges are measured every 15 s.

${[
  row("metric", "type", "labels", "meaning"),
  row("---", "---", "---", "---"),
  ...metrics.map(({ name, type, labels, help }) => row(code(name), type, list(labels), help)),
].join("\n")}

## Logs

\`LOG_LEVEL\` sets the level. A line has \`level\`, \`time\`, \`msg\`, the \`service\`, a \`code\` where something is wrong, and the
trace it belongs to. Of an error it has the type, the code, the message and the frames, and nothing that is attached to it
(rows, parameters, requests); what a message quotes, and what looks like an e-mail address, is left out.
`;
