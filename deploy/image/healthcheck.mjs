/** Exits 0 when the service in this container is ready: migrated, consuming, database and bus reachable; or what its argument asks. */
const path = process.argv[2] ?? "/readyz";
const port = process.env.PORT ?? "4100";
try {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(4_000) });
  if (!answer.ok) process.stderr.write(`${await answer.text()}\n`);
  process.exit(answer.ok ? 0 : 1);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
