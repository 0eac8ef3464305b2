export type { Database, Execute, Installation, Read, Transaction } from "./database.ts";
export { sqlState } from "./errors.ts";
export { checkpoint, maintain } from "./maintenance.ts";
export { type Migration, type Slice, migrate, pending, provision } from "./migrate.ts";
export { analyseGrown, statisticsFunction } from "./statistics.ts";
export { Sql, type Statement, identifier, join, sql } from "./sql.ts";
