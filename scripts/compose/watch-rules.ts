import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { filesBelow } from "../checks/sources.ts";

const FOLDER = "deploy/observability";

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly annotations?: { readonly runbook_url?: string; readonly summary?: string };
}

/** What Prometheus makes of a histogram. */
const withoutSuffix = (name: string): string => name.replace(/_(bucket|count|sum)$/, "");
const metricsIn = (text: string): readonly string[] => [...text.matchAll(/\bopsdesk_[a-z_]+\b/g)].map(([name]) => name);

/** Alerts without a page, metrics that nothing measures, and services that nothing scrapes. */
export function watchProblems(root: string, containers: readonly string[]): readonly string[] {
  const read = (path: string): string => readFileSync(join(root, FOLDER, path), "utf8");
  const measured = new Set(metricsIn(readFileSync(join(root, "packages/service/src/metrics.ts"), "utf8")));
  // Ours, and a typo would only be an alert that never comes: what is missing is said below.
  const rules = parse(read("alerts.yaml")) as { groups: readonly { rules: readonly Alert[] }[] };
  const scraped = read("prometheus.yaml");

  return [
    ...rules.groups
      .flatMap((group) => group.rules)
      .flatMap(({ alert, annotations = {} }) => {
        const page = annotations.runbook_url ?? "";
        return page !== "" && existsSync(join(root, page)) ? [] : [`${FOLDER}/alerts.yaml: ${alert} links no runbook`];
      }),
    ...filesBelow(join(root, FOLDER), /\.(ya?ml|json)$/).flatMap((file) =>
      metricsIn(read(file))
        .filter((name) => !measured.has(name) && !measured.has(withoutSuffix(name)))
        .map((name) => `${FOLDER}/${file}: nothing measures ${name}`),
    ),
    ...[...scraped.matchAll(/- ([a-z-]+):\d+/g)]
      .map(([, name = ""]) => name)
      .filter((name) => !containers.includes(name))
      .map((name) => `${FOLDER}/prometheus.yaml: scrapes ${name}, which is no container`),
  ];
}
