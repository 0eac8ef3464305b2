import type { Save } from "@opsdesk/messaging/handler";
import type { BookRows } from "../decide/endpoint-book.ts";
import { deliveriesHeld, insertDeliveries, moveDeliveries } from "../store/deliveries.ts";
import { endpointsHeld, saveCommands, saveEndpoints, saveSecrets } from "../store/endpoint-book.ts";

/** One write a table, for whatever the decisions of a batch have changed about endpoints. */
export function saveBook(rows: readonly BookRows[]): Save {
  const endpoints = rows.flatMap((row) => row.endpoints);
  const replayed = rows.flatMap((row) => row.replayed);
  return {
    writes: [
      saveEndpoints(endpoints),
      saveSecrets(
        rows.flatMap((row) => row.secrets),
        rows.flatMap((row) => row.expiring),
      ),
      insertDeliveries(rows.flatMap((row) => row.deliveries)),
      moveDeliveries(replayed),
      saveCommands(rows.flatMap((row) => (row.command === null ? [] : [row.command]))),
    ],
    guards: [endpointsHeld(endpoints), deliveriesHeld(replayed)],
  };
}
