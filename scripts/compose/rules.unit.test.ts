import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../checkout.mjs";
import { readCompose } from "./compose-file.ts";
import { containerProblems } from "./container-rules.ts";
import { fileProblems } from "./file-rules.ts";
import { imageProblems } from "./image-rules.ts";
import { knowsSetting } from "./known-settings.ts";
import { watchProblems } from "./watch-rules.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const compose = read("docker-compose.yml");
const dockerfile = read("Dockerfile");
const services = ["ingest", "triage", "safety-gate"];
const pins = { pnpm: "10.34.8", node: "24.21.0" };

/** The checkout's own file with one passage replaced, held against every rule. */
function problemsWith(before: string | RegExp, after: string): readonly string[] {
  const text = compose.replace(before, after);
  if (text === compose && before !== "") throw new Error(`docker-compose.yml does not hold ${String(before)}`);
  const { file, problems } = readCompose(text);
  if (file === undefined) return problems;
  const around = {
    version: "0.1.0",
    services,
    knowsSetting: (name: string) => knowsSetting(name, Object.keys(file.services)),
    exists: (path: string) => existsSync(join(root, path)),
    example: read(".env.example"),
  };
  return [...containerProblems(file, around), ...fileProblems(file, text, around)];
}

describe("the compose file", () => {
  it("keeps every rule", () => {
    expect(problemsWith("", "")).toEqual([]);
  });

  it.each([
    ["an unknown key", "  gateway:\n", "  gateway:\n    helthcheck: {}\n", "helthcheck"],
    ["a wrong type", "shm_size: 256m", "shm_size: [256m]", "/services/postgres/shm_size"],
    ["a key that is there twice", "name: opsdesk\n", "name: opsdesk\nname: opsdesk\n", "unique"],
    ["an alias of nothing", "<<: *once", "<<: *twice", "alias"],
    [
      "no health check",
      /    healthcheck:\n      test: \[CMD, wget.*\/-\/ready"\]\n(      .*\n)+/,
      "",
      "prometheus: has no health",
    ],
    ["a moving tag", "kafbat/kafka-ui:v1.5.0", "kafbat/kafka-ui:latest", "no exact tag"],
    ["a tag of a major version", "neo4j:2026.01.4", "neo4j:2026", "no exact tag"],
    ["another version of ours", "image: opsdesk:0.1.0", "image: opsdesk:0.0.9", "not of version 0.1.0"],
    [
      "a volume that is not declared",
      "  neo4j:\n  prometheus:\n  grafana:\n",
      "  prometheus:\n  grafana:\n",
      "volume neo4j is not declared",
    ],
    [
      "a profile without a container",
      /profiles: \[workers\]/g,
      "profiles: [events]",
      "profile workers has no container",
    ],
    ["a profile that nobody knows", "profiles: [graph]", "profiles: [grahp]", "profile grahp is none that is known"],
    ["a volume that nothing mounts", "  grafana:\n", "  grafana:\n  spare:\n", ""],
    [
      "a folder of the machine",
      "postgres:/var/lib/postgresql",
      "/srv/pg:/var/lib/postgresql",
      "folder of this machine",
    ],
    [
      "a configuration that is missing",
      "./deploy/observability/collector.yaml",
      "./deploy/observability/collector.yml",
      "does not exist",
    ],
    ["a configuration that can be written", "otelcol/collector.yaml:ro", "otelcol/collector.yaml", "mounted writable"],
    ["capabilities", "  read_only: true\n  cap_drop: [ALL]\n", "  read_only: true\n", "keeps capabilities"],
    [
      "new privileges",
      /security_opt: \["no-new-privileges:true"\]\n  logging: &logging/,
      "logging: &logging",
      "lacks no-new-privileges",
    ],
    ["an open port", "127.0.0.1:9090:9090", "9090:9090", "published beyond this machine"],
    ["a setting that nobody reads", "LOG_LEVEL: $", "LOGLEVEL: $", "LOGLEVEL is no setting"],
    ["another service's prefix", "TRIAGE_KAFKA_SASL_PASSWORD: $", "TRAIGE_KAFKA_SASL_PASSWORD: $", "is no setting"],
    [
      "a password",
      "${GRAFANA_PASSWORD:?run node deploy/make-env.mjs}",
      "admin",
      "GF_SECURITY_ADMIN_PASSWORD holds a secret",
    ],
    [
      "a default password",
      "${GRAFANA_PASSWORD:?run node deploy/make-env.mjs}",
      "${GRAFANA_PASSWORD:-admin}",
      "holds a secret",
    ],
    [
      "a password in an address",
      "triage_app:${TRIAGE_DATABASE_PASSWORD}@",
      "triage_app:triage@",
      "TRIAGE_DATABASE_URL holds a secret",
    ],
    [
      "another service's login",
      "triage_app:${TRIAGE_DATABASE_PASSWORD}@",
      "ingest_app:${INGEST_DATABASE_PASSWORD}@",
      "triage: TRIAGE_DATABASE_URL does not begin",
    ],
    ["a login that nobody makes", /      TRIAGE_DATABASE_PASSWORD: .*\n/, "", "login of triage"],
    [
      "a service that nothing runs",
      "[services/safety-gate/src/main.ts]",
      "[services/safety_gate/src/main.ts]",
      "nothing runs services/safety-gate",
    ],
    ["waiting for what is not there", "      jaeger: { condition", "      yaeger: { condition", "depends on yaeger"],
    [
      "waiting for another profile",
      "postgres: { condition: service_healthy }",
      "neo4j: { condition: service_healthy }",
      "profiles do not start",
    ],
    [
      "waiting for the end of what runs on",
      "prometheus: { condition: service_healthy }",
      "prometheus: { condition: service_completed_successfully }",
      "runs on",
    ],
    ["a variable without a word about it", "${SMTP_URL:-}", "${SMTP:-}", ".env.example: does not name SMTP"],
  ])("turns red at %s", (_what, before, after, said) => {
    const problems = problemsWith(before, after);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join("\n")).toContain(said);
  });
});

describe("the Dockerfile", () => {
  it("keeps every rule", () => {
    expect(imageProblems(dockerfile, pins)).toEqual([]);
  });

  it.each([
    ["a wrong instruction", "EXPOSE 4100", "EXPOES 4100", "EXPOES"],
    ["root", "USER 1000:1000\n", "", "not root"],
    ["root by its number", "USER 1000:1000\n", "USER 0:0\n", "not root"],
    ["another pnpm", "pnpm@10.34.8", "pnpm@10.0.0", "pnpm 10.34.8"],
    ["another Node", "ARG NODE_IMAGE=node:24.21.0-", "ARG NODE_IMAGE=node:22.1.0-", "Node 24.21.0"],
    ["no health check", /HEALTHCHECK .*\n/, "", "HEALTHCHECK"],
    ["a secret", "EXPOSE 4100", "ENV OPSDESK_SECRETS_KEY=x", "takes a secret"],
  ])("turns red at %s", (_what, before, after, said) => {
    expect(imageProblems(dockerfile.replace(before, after), pins).join("\n")).toContain(said);
  });
});

describe("what watches", () => {
  it("links a page for every alert and reads nothing that is not measured", () => {
    expect(
      watchProblems(root, [
        "ingest",
        "triage",
        "retrieval",
        "safety-gate",
        "webhook",
        "evaluation",
        "console",
        "analytics",
        "collector",
      ]),
    ).toEqual([]);
  });

  it("turns red at a container that is gone", () => {
    expect(watchProblems(root, ["ingest"]).join("\n")).toContain("scrapes triage");
  });
});
