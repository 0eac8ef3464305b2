import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { POSTGRES } from "@opsdesk/service/embedded";
import { copyDatabase, templateOf } from "@opsdesk/service/template";
import { allServices } from "./services.ts";
import { up } from "./up.ts";

/**
 * A program: makes the template that the first start of all services begins from, by starting them once in a folder
 * of its own. Does nothing when it is there.
 */
const template = await templateOf(allServices);
if (!existsSync(template)) {
  const folder = await mkdtemp(join(tmpdir(), "opsdesk-template-"));
  try {
    const running = await up(allServices, { OPSDESK_DATA_DIR: folder, PORT: "0" });
    await running.stop();
    copyDatabase(join(folder, POSTGRES), template);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
process.exit();
