import type { Database } from "@opsdesk/database";
import type { Desks } from "@opsdesk/desk";
import { type Clock, isoTime } from "@opsdesk/messaging";
import type { App } from "@opsdesk/service";
import { told } from "../decide/degraded.ts";
import { search, type SearchPorts } from "../search.ts";
import { sourcePage, type SourcePageRow, versionPage } from "../store/source-pages.ts";
import {
  ListQuery,
  RetireAnswer,
  SearchAnswer,
  SearchBody,
  SourceList,
  SourceParams,
  SourceWithVersions,
  SubmitAnswer,
  SubmitBody,
  WriteHeaders,
} from "./shapes.ts";
import { offerMirrored, refusal, submitByHttp, type SubmitPorts } from "./submit.ts";

export interface RoutePorts extends SubmitPorts, SearchPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly desks: Desks;
}

const PAGE = 50;
const RESULTS = 8;

const time = (date: Date | null): string | null => date?.toISOString() ?? null;

function statusOf({ retiredAt, liveVersion, latestVersion, latestState, validFrom }: SourcePageRow, at: string) {
  if (retiredAt !== null) return "retired" as const;
  if (latestState === "submitted") return "indexing" as const;
  if (latestState === "failed") return "failed" as const;
  if (liveVersion === latestVersion) return "live" as const;
  return validFrom.toISOString() > at ? ("scheduled" as const) : ("expired" as const);
}

const toSource = (row: SourcePageRow, at: string) => {
  const { latestState: _, validFrom: __, retiredAt, ...source } = row;
  return { ...source, status: statusOf(row, at), retiredAt: time(retiredAt) };
};

/** `/v1/knowledge`: sources and cited search. */
export const knowledgeRoutes =
  (ports: RoutePorts) =>
  (app: App): void => {
    const { database, clock, embeddings, policy, desks, offer } = ports;
    const deskLocale = async (tenant: string): Promise<string> =>
      (await desks.byTenant(database, [tenant])).get(tenant)?.desk.business.locale.slice(0, 2) ?? "en";

    app.get(
      "/v1/knowledge/sources",
      { config: { scope: "knowledge:read" }, schema: { querystring: ListQuery, response: { 200: SourceList } } },
      async (request) => {
        const { cursor, limit = PAGE } = request.query;
        const at = isoTime(clock);
        // One more than asked for tells whether there is a next page.
        const rows = await sourcePage(database, { tenant: request.holder.tenant, cursor, limit: limit + 1, at });
        const items = rows.slice(0, limit).map((row) => toSource(row, at));
        return { items, nextCursor: rows.length > limit ? (items.at(-1)?.sourceId ?? null) : null };
      },
    );

    app.get(
      "/v1/knowledge/sources/:id",
      { config: { scope: "knowledge:read" }, schema: { params: SourceParams, response: { 200: SourceWithVersions } } },
      async (request) => {
        const { tenant } = request.holder;
        const at = isoTime(clock);
        const [row] = await sourcePage(database, { tenant, sourceId: request.params.id, limit: 1, at });
        if (row === undefined) throw refusal("source_not_found", "There is no such source.");
        const versions = await versionPage(database, tenant, request.params.id);
        return {
          ...toSource(row, at),
          versions: versions.map((version) => ({
            ...version,
            submittedAt: version.submittedAt.toISOString(),
            indexedAt: time(version.indexedAt),
            validFrom: version.validFrom.toISOString(),
            validTo: time(version.validTo),
            supersededAt: time(version.supersededAt),
          })),
        };
      },
    );

    app.post(
      "/v1/knowledge/sources",
      {
        config: { scope: "knowledge:write" },
        bodyLimit: 4_194_304,
        schema: { headers: WriteHeaders, body: SubmitBody, response: { 202: SubmitAnswer } },
      },
      async (request, reply) => {
        const { holder } = request;
        const answer = await submitByHttp(
          ports,
          holder,
          request.headers["idempotency-key"],
          request.body,
          await deskLocale(holder.tenant),
        );
        return await reply.code(202).send(answer);
      },
    );

    app.delete(
      "/v1/knowledge/sources/:id",
      {
        config: { scope: "knowledge:write" },
        schema: { headers: WriteHeaders, params: SourceParams, response: { 200: RetireAnswer } },
      },
      async (request) => {
        const { tenant, keyId } = request.holder;
        const sourceId = request.params.id;
        await offerMirrored(offer, {
          handler: "on-admin-command",
          type: "admin.command_submitted",
          tenant,
          source: `key:${keyId}`,
          data: { actor: { kind: "system", id: keyId }, target: "source", command: "retire", arguments: { sourceId } },
          idempotencyKey: `${tenant}:http:${request.headers["idempotency-key"]}`,
          key: tenant,
        });
        return { sourceId, status: "retired" as const };
      },
    );

    app.post(
      "/v1/knowledge/search",
      { config: { scope: "knowledge:read" }, schema: { body: SearchBody, response: { 200: SearchAnswer } } },
      async (request) => {
        const { tenant } = request.holder;
        const { query, limit = RESULTS, filters = {} } = request.body;
        const text = query.toWellFormed().replaceAll("\u0000", " ");
        const locale = filters.locale ?? (await deskLocale(tenant));
        const {
          answers: [answer],
          lexical,
          degraded,
        } = await search(
          database,
          ports,
          [{ tenant, text, locale, filters, preferredSources: [], limit }],
          isoTime(clock),
        );
        const { findings = [], strength } = answer ?? {};
        return {
          weak: strength?.weak ?? true,
          reason: strength?.weak === true ? strength.reason : null,
          strength: strength?.strength ?? 0,
          retrievalPolicy: policy.id,
          embeddingModel: embeddings.model,
          ...told({ lexical, degraded }),
          results: findings.map(({ citation, text, kind, section, score, legs }) => ({
            citation,
            text,
            kind,
            section,
            score,
            legs: [...legs],
          })),
        };
      },
    );
  };
