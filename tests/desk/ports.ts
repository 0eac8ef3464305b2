import { type Database, sql } from "@opsdesk/database";
import type { App } from "@opsdesk/service";

/** `GET /v1/tickets/:ref` */
export type RouteName = string;

/** Every route that the listener answers, hidden ones too. HEAD is what fastify makes of each GET. */
export function routesOf(app: App): readonly RouteName[] {
  const parents: string[] = [];
  const routes: RouteName[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split("\n")) {
    const [, indent, path, methods] = /^((?:│ {3}| {4})*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (indent === undefined || path === undefined) continue;
    const depth = indent.length / 4;
    const whole = `${depth === 0 ? "" : (parents[depth - 1] ?? "")}${path}`;
    parents[depth] = whole;
    for (const method of (methods ?? "").split(", "))
      if (method !== "" && method !== "HEAD") routes.push(`${method} ${whole}`);
  }
  const documented = Object.entries(app.swagger().paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods ?? {}).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{([^}]+)\}/g, ":$1")}`),
  );
  // Two sources, so that a change of either's format is noticed.
  const missing = documented.filter((route) => !routes.includes(route));
  if (missing.length > 0 || documented.length === 0)
    throw new Error(`documented but not in the router's listing: ${missing.join(", ")}`);
  return routes.toSorted();
}

export interface Table {
  /** `ingest.tickets` */
  readonly name: string;
  readonly hasTenant: boolean;
}

/** Every table of every slice, the log's and the job queues' included. */
export async function tablesOf(database: Database): Promise<readonly Table[]> {
  const rows = await database.query<{ name: string; has: boolean }>(
    sql`select table_schema || '.' || table_name as name, bool_or(column_name = 'tenant') as has from information_schema.columns
        where table_schema not in ('pg_catalog', 'information_schema') group by 1 order by 1`,
  );
  return rows.map(({ name, has }) => ({ name, hasTenant: has }));
}
