import { contractOf, type Service } from "@opsdesk/schemas";
import type { Parts } from "./definition.ts";

/**
 * A service reads only what its row of the catalogue names: its rights on a broker are made of that row, and without
 * them its consumer would stop there and nowhere else. Throws TypeError.
 */
export function heldToRow(service: Service, { handlers, projections = {} }: Parts): void {
  const read = [
    ...Object.entries(handlers).map(([name, { type }]) => ({ name, type: type as string })),
    ...Object.entries(projections).flatMap(([name, { types }]) =>
      types.map((type) => ({ name, type: type as string })),
    ),
  ];
  for (const { name, type } of read) {
    const consumers: readonly string[] = contractOf(type)?.consumers ?? [];
    if (!consumers.includes(service))
      throw new TypeError(`${service}: ${name} reads ${type}, whose consumers are ${consumers.join(", ") || "nobody"}`);
  }
}
