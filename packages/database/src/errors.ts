import { TransientError } from "@opsdesk/errors";

/** The SQLSTATE of a driver's error, or undefined when it has none. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

// Connection exceptions, a statement or a lock that took too long or was cancelled, a transaction that was left idle, shutdown, serialisation failure and deadlock, too many connections, out of disk or memory.
const TRANSIENT =
  /^(08...|57P0[1-3]|57014|55P03|40001|40P01|53...|58...|25P03|ECONN(RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT|E(HOST|NET)UNREACH|EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN)$/;

/** Turns what may work later into TransientError; everything else passes unchanged, with its SQLSTATE. */
export function mapped(error: unknown): unknown {
  const state = sqlState(error);
  const lost =
    error instanceof Error &&
    /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Client was closed|Query read timeout/.test(
      error.message,
    );
  if (!lost && (state === undefined || !TRANSIENT.test(state))) return error;
  return new TransientError("database_unavailable", `Postgres cannot serve now (${state ?? "connection lost"})`, {
    cause: error,
  });
}
