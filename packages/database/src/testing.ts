import { existsSync, openAsBlob } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { newId } from "@opsdesk/identity";
import manifest from "../package.json" with { type: "json" };
import { PgliteInstallation } from "./pglite.ts";

/** What is made from this checkout and may be deleted at any time. */
const CACHE = new URL("../../../node_modules/.cache/opsdesk/", import.meta.url);

const PGLITE = manifest.dependencies["@electric-sql/pglite"];

/** An empty database in memory. */
export const openEmpty = (): Promise<PgliteInstallation> => open("empty", () => PgliteInstallation.open());

/**
 * A database in memory as `prepare` leaves it. That is done once and kept under `name`, which must say what the result
 * depends on.
 */
export const openPrepared = (
  name: string,
  prepare: (installation: PgliteInstallation) => Promise<unknown>,
): Promise<PgliteInstallation> =>
  open(name, async () => {
    const installation = await openEmpty();
    await prepare(installation);
    return installation;
  });

/** Making a database from nothing takes three times the processor time of reading it back. */
async function open(name: string, make: () => Promise<PgliteInstallation>): Promise<PgliteInstallation> {
  const file = new URL(`${name}-pglite-${PGLITE}.tar.gz`, CACHE);
  if (existsSync(file)) return await PgliteInstallation.open({ snapshot: await openAsBlob(file) });
  const installation = await make();
  const dump = await installation.dump();
  await mkdir(CACHE, { recursive: true });
  // Suites run side by side: nobody reads half a file.
  const aside = new URL(`${newId()}.tmp`, CACHE);
  await writeFile(aside, Buffer.from(await dump.arrayBuffer()));
  await rename(aside, file);
  return installation;
}
