import { table } from "../terminal/table.ts";

export interface ImportReport {
  readonly file: string;
  readonly source: string;
  readonly read: number;
  /** Requests that carried an enquiry; what was known by its content was not sent again. */
  readonly sent: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly refusals: readonly {
    readonly code: string;
    readonly count: number;
    readonly firstRow: number;
    readonly message: string;
  }[];
  readonly seconds: number;
  /** Accepted, by the second. */
  readonly ticketsPerSecond: number;
}

export interface Tally {
  read(): void;
  accepted(): void;
  duplicate(sent: boolean): void;
  refused(row: number, code: string, message: string): void;
  line(): string;
  report(): ImportReport;
}

export function importTally(file: string, source: string): Tally {
  const startedAt = performance.now();
  const count = { read: 0, sent: 0, accepted: 0, duplicates: 0, refused: 0 };
  const refusals = new Map<string, { code: string; count: number; firstRow: number; message: string }>();
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  const rate = (): number => count.accepted / Math.max(seconds(), 0.001);
  return {
    read: () => void (count.read += 1),
    accepted() {
      count.sent += 1;
      count.accepted += 1;
    },
    duplicate(sent) {
      if (sent) count.sent += 1;
      count.duplicates += 1;
    },
    refused(row, code, message) {
      count.sent += 1;
      count.refused += 1;
      const known = refusals.get(code);
      if (known === undefined) refusals.set(code, { code, count: 1, firstRow: row, message });
      else known.count += 1;
    },
    line: () =>
      `${count.accepted} accepted, ${count.duplicates} known, ${count.refused} refused, ${rate().toFixed(0)}/s`,
    report: () => ({
      file,
      source,
      ...count,
      refusals: [...refusals.values()],
      seconds: Number(seconds().toFixed(3)),
      ticketsPerSecond: Number(rate().toFixed(1)),
    }),
  };
}

/** The report as a person reads it. */
export function reportText(report: ImportReport): string {
  const { read, sent, accepted, duplicates, refused, refusals, seconds, source, ticketsPerSecond } = report;
  const lines = [
    `${read} read, ${sent} sent: ${accepted} accepted, ${duplicates} known before, ${refused} refused.`,
    `${seconds.toFixed(1)} s, ${ticketsPerSecond} tickets/s, source ${source}.`,
  ];
  if (refusals.length > 0)
    lines.push(
      "",
      table(
        ["refused", "rows", "first", "because"],
        refusals.map((one) => [one.code, one.count, one.firstRow, one.message]),
      ),
    );
  return lines.join("\n");
}
