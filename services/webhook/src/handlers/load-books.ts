import type { Read } from "@opsdesk/database";
import type { Desk } from "@opsdesk/schemas/desk";
import type { Delivery } from "../decide/delivery.ts";
import type { BookedEndpoint, EndpointBook } from "../decide/endpoint-book.ts";
import { endpointsOf } from "../store/endpoint-book.ts";

export type Books = ReadonlyMap<string, EndpointBook>;

interface Beside {
  readonly desks: ReadonlyMap<string, { readonly desk: Desk }>;
  readonly chosen: ReadonlyMap<string, readonly Delivery[]>;
}

/** The endpoints of these tenants, each tenant with a book even when it has none. */
export async function loadBooks(read: Read, tenants: readonly string[], { desks, chosen }: Beside): Promise<Books> {
  const rows = await endpointsOf(read, [...new Set(tenants)]);
  const byTenant = new Map<string, Map<string, BookedEndpoint>>();
  for (const { endpoint, secrets } of rows) {
    const booked = { endpoint, secrets, loaded: { version: endpoint.version, sequence: endpoint.sequence } };
    byTenant.set(
      endpoint.tenant,
      (byTenant.get(endpoint.tenant) ?? new Map<string, BookedEndpoint>()).set(endpoint.endpointId, booked),
    );
  }
  return new Map(
    tenants.map((tenant) => {
      const desk = desks.get(tenant)?.desk;
      return [
        tenant,
        {
          endpoints: byTenant.get(tenant) ?? new Map<string, BookedEndpoint>(),
          people: new Set(desk?.people.map(({ id }) => id)),
          teams: new Set(desk?.teams.map(({ id }) => id)),
          chosen,
        },
      ];
    }),
  );
}
