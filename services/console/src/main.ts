import { runService } from "@opsdesk/service/run";
import { consoleService } from "./wiring.ts";

await runService(consoleService, process.env);
