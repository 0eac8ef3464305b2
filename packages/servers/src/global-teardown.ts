import { shared } from "./shared.ts";

/** After the last suite. Nothing here is worth an orderly end. */
export default async function globalTeardown(): Promise<void> {
  await Promise.all(shared.servers.map((server) => server.kill().catch(() => undefined)));
}
