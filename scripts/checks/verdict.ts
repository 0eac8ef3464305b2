/** How a check ends: its problems, one a line, and one verdict line that `npm run check` counts. */
export function verdict(check: string, problems: readonly string[], covered: string): void {
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(
    problems.length === 0
      ? `check ${check}: passed (${covered})\n`
      : `check ${check}: failed (${String(problems.length)} of ${covered})\n`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}
