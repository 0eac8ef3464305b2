/** One environment variable: who reads it, in which file, and what it means. */
export interface Setting {
  readonly name: string;
  /** Absent: unset means something of its own, which `meaning` says. */
  readonly default?: string;
  readonly meaning: string;
}

export interface Group {
  readonly title: string;
  readonly about: string;
  /** Of a service; its `configure` must then agree with each default. */
  readonly service?: string;
  /** Files that read these and no others. */
  readonly sources: readonly string[];
  readonly settings: readonly Setting[];
}

const KEPT = "Unset: made at the first start and kept in `secrets.json` of the data directory.";

/** Every setting there is: docs/configuration.md is written from it, and it is held against the sources both ways. */
export const groups: readonly Group[] = [
  {
    title: "The process",
    about: "Of `npm start` and `npx opsdesk up`.",
    sources: [
      "apps/opsdesk/src/up/settings.ts",
      "apps/opsdesk/src/up/up.ts",
      "packages/service/src/run.ts",
      "packages/service/src/ops.ts",
      "packages/service/src/rebuild.ts",
      "packages/service/src/telemetry.ts",
    ],
    settings: [
      {
        name: "OPSDESK_DATA_DIR",
        default: ".opsdesk",
        meaning: "Where the embedded Postgres, blobs and secrets are kept. One process at a time.",
      },
      { name: "HOST", default: "127.0.0.1", meaning: "Address to listen on." },
      { name: "PORT", default: "4100", meaning: "Port to listen on; 0 takes a free one." },
      {
        name: "PUBLIC_URL",
        meaning: "Where people reach the desk: links are made with it. Unset: `http://127.0.0.1` with the port.",
      },
      {
        name: "LOG_LEVEL",
        default: "warn",
        meaning:
          "`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. One service alone (`main.ts`) begins at `info`.",
      },
      {
        name: "OPSDESK_LANE",
        default: "embedded",
        meaning:
          "`embedded`: all in this process, on disk. `local`: Postgres and Kafka as servers; a service needs `DATABASE_URL`, `KAFKA_BROKERS` and `BLOB_URL`.",
      },
      {
        name: "INSTALL_KEY_SHA256",
        meaning:
          "Hex SHA-256 of the installation's key, with which an operator rebuilds projections and sees dead letters of every business; `npm start` sets it. Unset: nobody can over HTTP.",
      },
      {
        name: "OPSDESK_TENANT",
        meaning: "The tenant of records on topics that name none. Unset: such records are dead letters.",
      },
      {
        name: "OPSDESK_RECEIVER_PORT",
        meaning: "Port of the demonstration's own webhook receiver. Unset: ten above `PORT`.",
      },
      {
        name: "OTEL_EXPORTER_OTLP_ENDPOINT",
        meaning:
          "Address of an OTLP receiver over HTTP, for traces: see [telemetry.md](telemetry.md). Unset: nothing is traced.",
      },
      {
        name: "OTEL_TRACES_SAMPLER_ARG",
        default: "1",
        meaning: "Share of the traces that begin here to keep, 0 to 1.",
      },
    ],
  },
  {
    title: "Secrets",
    about: "At least 32 characters each, where nothing else is said. They are never logged.",
    sources: ["apps/opsdesk/src/up/secrets.ts"],
    settings: [
      {
        name: "OPSDESK_SECRETS_KEY",
        meaning: `Encrypts signing secrets of webhook endpoints; another key makes stored ones unreadable. ${KEPT}`,
      },
      {
        name: "OPSDESK_LINK_KEY",
        meaning: `Signs decision links; another key makes those that are out invalid. ${KEPT}`,
      },
      { name: "OPSDESK_INSTALL_KEY", meaning: `The key that creates businesses (\`odk_…\`). ${KEPT}` },
      {
        name: "OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM",
        meaning: `The signing secret of the sample desk's endpoint (\`whsec_…\`). ${KEPT}`,
      },
    ],
  },
  {
    title: "The command line",
    about: "Of every command that talks to a desk which is running.",
    sources: ["apps/opsdesk/src/terminal/command.ts"],
    settings: [
      { name: "OPSDESK_URL", default: "http://127.0.0.1:4100", meaning: "Where the desk is; `--url` goes before it." },
      {
        name: "OPSDESK_API_KEY",
        meaning: "The key to use; `--api-key` goes before it. Unset: the file `api-key` in the data directory.",
      },
      { name: "OPSDESK_DATA_DIR", default: ".opsdesk", meaning: "Where that file is." },
    ],
  },
  {
    title: "Kafka",
    about:
      "How a cluster is reached. A service reads its own names first: `SAFETY_GATE_KAFKA_BROKERS` before `KAFKA_BROKERS`.",
    sources: ["packages/messaging/src/kafka-connection.ts"],
    settings: [
      { name: "KAFKA_BROKERS", meaning: "`host:port` of some brokers, comma-separated. Needed." },
      {
        name: "KAFKA_SASL_MECHANISM",
        default: "scram-sha-256",
        meaning: "`scram-sha-256`, `scram-sha-512` or `plain`.",
      },
      {
        name: "KAFKA_SASL_USERNAME",
        meaning:
          "Who signs in. Unset: nobody, and a service that has its own password as its own user, `opsdesk.<service>`.",
      },
      { name: "KAFKA_SASL_PASSWORD", meaning: "Its password; needed with a user name." },
      { name: "KAFKA_TLS_ENABLED", meaning: "`true` for TLS with the authorities that Node trusts." },
      { name: "KAFKA_TLS_CA", meaning: "Whom to trust instead: a PEM text or the path of a file. TLS is then on." },
      { name: "KAFKA_TLS_CERT", meaning: "This client's own certificate, likewise; needs its key." },
      { name: "KAFKA_TLS_KEY", meaning: "The key of that certificate, likewise." },
    ],
  },
  {
    title: "Postgres and blobs",
    about:
      "Where a service runs on servers. `SAFETY_GATE_DATABASE_URL` is read before `DATABASE_URL`; `opsdesk migrate` and `recover` take the administrator's, and `migrate` a `<SERVICE>_DATABASE_PASSWORD` for each login that it makes.",
    sources: [
      "packages/service/src/local.ts",
      "apps/opsdesk/src/commands/migrate.ts",
      "packages/service/src/recover.ts",
    ],
    settings: [
      {
        name: "DATABASE_URL",
        meaning: "`postgres://user:password@host:5432/database`, as the service's own app role. Needed.",
      },
      { name: "BLOB_URL", meaning: "`file:///…`: a folder that all services share. Needed." },
      { name: "DATABASE_OWNER_URL", meaning: "The same for an administrator: no service is given it." },
    ],
  },
  {
    title: "Edge topics",
    about: "Where several tenants share an installation: [topics and rights](how-to/topics-and-rights.md).",
    sources: ["packages/messaging/src/edge.ts"],
    settings: [
      {
        name: "OPSDESK_EDGE_TENANTS",
        meaning:
          "Tenants, comma-separated, whose parties outside have topics of their own. The same for every service and for `opsdesk topics`. Unset: none.",
      },
    ],
  },
  {
    title: "ingest",
    about: "",
    service: "ingest",
    sources: ["services/ingest/src/config.ts"],
    settings: [
      {
        name: "INSTALL_KEY_SHA256",
        meaning:
          "Hex SHA-256 of the key that creates businesses; `npm start` sets it. Unset: none can be created over HTTP.",
      },
      {
        name: "REPLY_CHANNEL",
        meaning:
          "`record` (the CRM sends), `smtp`, or `capture` (kept in memory). Unset: `smtp` where `SMTP_URL` is set, else `record`.",
      },
      {
        name: "SMTP_URL",
        meaning: "`smtp://` or `smtps://`: where replies are handed over. Unset: replies are recorded and not sent.",
      },
      { name: "MAIL_FROM", meaning: "The e-mail address that replies come from; needed with `SMTP_URL`." },
    ],
  },
  {
    title: "triage",
    about: "",
    service: "triage",
    sources: ["services/triage/src/config.ts"],
    settings: [
      {
        name: "MODEL",
        default: "demo-template-router-v1",
        meaning:
          "What triages and drafts: the desk's own router with its templates, or `claude-haiku-5-5`, `claude-sonnet-5-5` or `claude-opus-5-5`, to which enquiries are then sent ([what is hidden before](adr/0013-an-outside-model-adds-and-never-takes-away.md)).",
      },
      {
        name: "ANTHROPIC_API_KEY",
        meaning: "The key for a Claude model; needed with one, and never logged. A key alone chooses no model.",
      },
      {
        name: "ANTHROPIC_BASE_URL",
        default: "https://api.anthropic.com",
        meaning: "Where Claude is asked. `https`, or `http` on this machine.",
      },
      {
        name: "MODEL_TIMEOUT_MS",
        default: "20000",
        meaning: "How long one question to an outside model may take, 500 to 25000.",
      },
      { name: "TRIAGE_JOBS_MAX", default: "50", meaning: "Jobs of one queue that run at once, 1 to 1000." },
      {
        name: "TRIAGE_ROUTER_SEED",
        default: "1",
        meaning: "Seed of training: the same examples and seed make the same router.",
      },
    ],
  },
  {
    title: "retrieval",
    about: "",
    service: "retrieval",
    sources: ["services/retrieval/src/config.ts"],
    settings: [
      {
        name: "EMBEDDINGS_URL",
        meaning:
          "Must be unset: embeddings are computed here, and an endpoint is refused until there is an adapter for it.",
      },
      {
        name: "OPENSEARCH_URL",
        meaning:
          "`http://` or `https://`, with user and password where it asks for them. Unset: Postgres searches by words.",
      },
      { name: "OPENSEARCH_INDEX_PREFIX", default: "opsdesk", meaning: "Begins the name of every index and alias." },
      { name: "NEO4J_URL", meaning: "`bolt://` or `neo4j://`, with `+s` for TLS. Unset: Postgres holds the graph." },
      { name: "NEO4J_USER", default: "neo4j", meaning: "Its user." },
      { name: "NEO4J_PASSWORD", meaning: "Its password; needed with `NEO4J_URL`." },
      {
        name: "NEO4J_GRAPH",
        default: "opsdesk",
        meaning: "Tells the graphs of installations apart that share one server.",
      },
      {
        name: "SEARCH_TIMEOUT_MS",
        default: "400",
        meaning: "How long a search waits for OpenSearch or Neo4j before Postgres answers, 10 to 10000.",
      },
      {
        name: "STORM_WINDOW_MINUTES",
        default: "40",
        meaning: "Tickets within so many minutes may be one incident, 1 to 1440.",
      },
      {
        name: "STORM_SITE_TICKETS_MIN",
        default: "5",
        meaning: "So many at one site within the window are one, up to 50; 0: never.",
      },
      { name: "STORM_ASSET_TICKETS_MIN", default: "5", meaning: "The same about one asset." },
      { name: "STORM_CATEGORY_TICKETS_MIN", default: "0", meaning: "The same in one category." },
    ],
  },
  {
    title: "safety-gate",
    about: "",
    service: "safety-gate",
    sources: ["services/safety-gate/src/config.ts"],
    settings: [
      { name: "OPSDESK_LINK_KEY", meaning: "See secrets. Needed." },
      { name: "PUBLIC_URL", meaning: "See the process." },
      { name: "PORT", default: "4100", meaning: "See the process; used where `PUBLIC_URL` is unset." },
    ],
  },
  {
    title: "webhook",
    about: "",
    service: "webhook",
    sources: ["services/webhook/src/config.ts"],
    settings: [
      { name: "OPSDESK_SECRETS_KEY", meaning: "See secrets. Needed." },
      {
        name: "OPSDESK_ENDPOINT_SECRET_",
        meaning:
          "Followed by `<BUSINESS>__<NAME>` of an endpoint that a desk pack declares, in capitals and underlines: its signing secret (`whsec_…`).",
      },
      {
        name: "WEBHOOK_ALLOW_ADDRESSES",
        meaning:
          "`host:port`, separated by commas: may be called whatever they resolve to, and over http. Unset: public https addresses only.",
      },
      {
        name: "WEBHOOK_TIMEOUT_MS",
        default: "15000",
        meaning: "For one attempt, headers and body together, 100 to 60000.",
      },
    ],
  },
  {
    title: "evaluation",
    about: "",
    service: "evaluation",
    sources: ["services/evaluation/src/config.ts"],
    settings: [
      {
        name: "EVALUATION_DEADLINE_SECONDS",
        default: "300",
        meaning: "How long a run waits for its scenarios, 1 to 86400.",
      },
    ],
  },
  {
    title: "console",
    about: "",
    service: "console",
    sources: ["services/console/src/config.ts"],
    settings: [
      { name: "OPSDESK_STREAMS_MAX", default: "200", meaning: "Live streams that are served at once, 1 to 10000." },
    ],
  },
  {
    title: "analytics",
    about: "Runs only where `OPENSEARCH_URL` is set.",
    service: "analytics",
    sources: ["services/analytics/src/config.ts"],
    settings: [
      { name: "OPENSEARCH_URL", meaning: "The search server that events are copied to for analysts. Needed." },
      {
        name: "ANALYTICS_INDEX_PREFIX",
        default: "opsdesk",
        meaning: "What names of its indices, aliases and templates begin with: small letters, digits and hyphens.",
      },
      {
        name: "ANALYTICS_RAW_TEXT",
        default: "off",
        meaning: "`on` also indexes what people write and are called: messages, subjects, names, addresses.",
      },
      {
        name: "ANALYTICS_EVENT_DAYS",
        default: "400",
        meaning:
          "For how many days events are kept, 1 to 3650. Documents of tickets, drafts, runs and deliveries stay.",
      },
    ],
  },
];
