import type { Desks } from "@opsdesk/desk";
import { type AnyHandler, done, handler, ignore } from "@opsdesk/messaging";
import type { Desk } from "@opsdesk/schemas/desk";
import { type BookRows, afterRows } from "../decide/endpoint-book.ts";
import { isShadow } from "../decide/endpoint.ts";
import { type DeclaredSecret, syncEndpoints } from "../decide/sync-endpoints.ts";
import { type Books, loadBooks } from "./load-books.ts";
import { saveBook } from "./save-book.ts";

interface State {
  readonly desk: unknown;
  readonly books: Books;
  readonly versions: ReadonlyMap<string, number>;
}

interface Rows {
  readonly desk: { readonly tenant: string; readonly version: number; readonly desk: Desk };
  readonly book: BookRows | null;
}

/** Keeps the desk's copy, and makes the tenant's endpoints what the desk declares. An older version changes nothing. */
export function onDeskConfigured(desks: Desks, secrets: ReadonlyMap<string, DeclaredSecret>): AnyHandler {
  const copy = desks.onDeskConfigured;
  return handler<"desk.configured", State, Rows>("desk.configured", {
    async load(read, events) {
      const tenants = events.map((event) => event.tenantid);
      const known = await desks.byTenant(read, tenants);
      return {
        desk: await copy.load?.(read, events),
        books: await loadBooks(read, tenants, { desks: known, chosen: new Map() }),
        versions: new Map([...known].map(([tenant, { version }]) => [tenant, version])),
      };
    },
    decide(event, state, context) {
      if ((state.versions.get(event.tenantid) ?? 0) >= event.data.version) return ignore("older_desk");
      const kept = copy.decide(event, state.desk, context);
      if (kept.outcome !== "done") return kept;
      // What @opsdesk/desk writes for an event that it keeps.
      const desk = kept.effects.rows as Rows["desk"];
      const book = state.books.get(event.tenantid);
      if (book === undefined || isShadow(event.tenantid)) return done({ ...kept.effects, rows: { desk, book: null } });
      const { rows, events } = syncEndpoints(event.tenantid, desk.desk.endpoints, book, secrets, context.now);
      return done({ ...kept.effects, rows: { desk, book: rows }, events });
    },
    evolve(state, { desk, book }) {
      const before = state.books.get(desk.tenant);
      return {
        ...state,
        versions: new Map(state.versions).set(desk.tenant, desk.version),
        books:
          book === null || before === undefined
            ? state.books
            : new Map(state.books).set(desk.tenant, afterRows(before, book)),
      };
    },
    save(rows) {
      const kept = copy.save?.(rows.map(({ desk }) => desk));
      const book = saveBook(rows.flatMap((row) => (row.book === null ? [] : [row.book])));
      return {
        writes: [...(kept?.writes ?? []), ...book.writes],
        guards: [...(kept?.guards ?? []), ...(book.guards ?? [])],
      };
    },
  });
}
