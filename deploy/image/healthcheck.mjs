/**
 * Exits 0 when the service in this container is alive (its loops turn) and ready (migrated, database and bus reachable), or
 * when what its arguments ask is so.
 */
const paths = process.argv.length > 2 ? process.argv.slice(2) : ["/livez", "/readyz"];
const port = process.env.PORT ?? "4100";
try {
  for (const path of paths) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(4_000) });
    if (!answer.ok) {
      process.stderr.write(`${path}: ${await answer.text()}\n`);
      process.exit(1);
    }
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
