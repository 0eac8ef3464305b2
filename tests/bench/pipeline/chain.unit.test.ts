import { checkProduced } from "@opsdesk/schemas";
import { CHAIN, eventOf, ticketOf } from "./chain.ts";
import { aTicket } from "./tickets.ts";

it.each(CHAIN)("%s carries a ticket and its text, as its contract allows", (type) => {
  const ticket = aTicket(7);
  const data = eventOf(type, ticket);
  expect(checkProduced(type, data)).toEqual([]);
  expect(ticketOf(type, data)).toEqual(ticket);
});

it("makes events of two and a half to four and a half KB", () => {
  const sizes = CHAIN.map((type) => JSON.stringify(eventOf(type, aTicket(1))).length);
  expect(Math.min(...sizes)).toBeGreaterThan(2_500);
  expect(Math.max(...sizes)).toBeLessThan(4_500);
});

it("gives every ticket an id of its own", () => {
  const ids = new Set(Array.from({ length: 5_000 }, (_, n) => aTicket(n).id));
  expect(ids.size).toBe(5_000);
});
