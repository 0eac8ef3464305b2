import type { Database } from "@opsdesk/database";
import type { Desks } from "@opsdesk/desk";
import type { Offer } from "@opsdesk/messaging";
import type { App } from "@opsdesk/service";
import { type ComparedResult, compareRuns } from "../decide/compare-runs.ts";
import { scenarioVersionOf } from "../decide/ids.ts";
import { type ResultPageRow, resultPage, runById, runPage } from "../store/run-pages.ts";
import { presentResults, presentRun } from "./present.ts";
import {
  CompareQuery,
  ComparisonAnswer,
  ListQuery,
  RunList,
  RunParams,
  RunWithResults,
  ScenarioList,
  StartAnswer,
  StartBody,
  WriteHeaders,
} from "./shapes.ts";
import { refusal, startByHttp } from "./start.ts";

export interface RoutePorts {
  readonly database: Database;
  readonly desks: Desks;
  readonly offer: Offer;
}

const PAGE = 50;

/** `/v1/evaluation`: golden scenarios, runs, and how one run compares with another. */
export const evaluationRoutes =
  (ports: RoutePorts) =>
  (app: App): void => {
    const { database, desks } = ports;

    app.get(
      "/v1/evaluation/scenarios",
      { config: { scope: "evaluation:read" }, schema: { querystring: ListQuery, response: { 200: ScenarioList } } },
      async (request) => {
        const { cursor = "", limit = PAGE } = request.query;
        const { tenant } = request.holder;
        const desk = (await desks.byTenant(database, [tenant])).get(tenant)?.desk;
        const left = (desk?.scenarios ?? []).filter(({ id }) => id > cursor).toSorted((a, b) => (a.id < b.id ? -1 : 1));
        const items = left.slice(0, limit).map((scenario) => ({ ...scenario, version: scenarioVersionOf(scenario) }));
        return { items, nextCursor: left.length > limit ? (items.at(-1)?.id ?? null) : null };
      },
    );

    app.get(
      "/v1/evaluation/runs",
      { config: { scope: "evaluation:read" }, schema: { querystring: ListQuery, response: { 200: RunList } } },
      async (request) => {
        const { cursor, limit = PAGE } = request.query;
        // One more than asked for tells whether there is a next page.
        const rows = await runPage(database, request.holder.tenant, cursor, limit + 1);
        const items = rows.slice(0, limit).map(presentRun);
        return { items, nextCursor: rows.length > limit ? (items.at(-1)?.runId ?? null) : null };
      },
    );

    app.post(
      "/v1/evaluation/runs",
      {
        config: { scope: "evaluation:write" },
        schema: { headers: WriteHeaders, body: StartBody, response: { 202: StartAnswer } },
      },
      async (request, reply) => {
        const started = await startByHttp(
          ports,
          request.holder,
          request.headers["idempotency-key"],
          request.body.scenarioIds,
        );
        return await reply.code(202).send(started);
      },
    );

    app.get(
      "/v1/evaluation/runs/:id",
      { config: { scope: "evaluation:read" }, schema: { params: RunParams, response: { 200: RunWithResults } } },
      async (request) => {
        const { tenant } = request.holder;
        const run = await runById(database, tenant, request.params.id);
        if (run === undefined) throw refusal("run_not_found", "There is no such run.");
        return presentResults(run, await resultPage(database, tenant, run.runId));
      },
    );

    app.get(
      "/v1/evaluation/runs/:id/compare",
      {
        config: { scope: "evaluation:read" },
        schema: { params: RunParams, querystring: CompareQuery, response: { 200: ComparisonAnswer } },
      },
      async (request) => {
        const { tenant } = request.holder;
        const runId = request.params.id;
        const baselineId = request.query.with;
        const judged = async (id: string): Promise<readonly ComparedResult[]> => {
          const run = await runById(database, tenant, id);
          if (run === undefined) throw refusal("run_not_found", `There is no run ${id}.`);
          if (run.status !== "completed")
            throw refusal("run_unfinished", `Run ${id} has no result to compare: it is ${run.status}.`);
          return (await resultPage(database, tenant, id)).map(compared);
        };
        const { gained, lost, safetyLost, notCompared, ...rest } = compareRuns(
          await judged(runId),
          await judged(baselineId),
        );
        return {
          runId,
          baselineId,
          ...rest,
          gained: [...gained],
          lost: [...lost],
          safetyLost: [...safetyLost],
          notCompared: [...notCompared],
        };
      },
    );
  };

const compared = ({ scenarioId, version, kind, passed }: ResultPageRow): ComparedResult => ({
  scenarioId,
  version,
  // The kind of a scenario that passed its contract.
  kind: kind as ComparedResult["kind"],
  passed: passed === true,
});
