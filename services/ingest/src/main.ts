import { runService } from "@opsdesk/service/run";
import { ingestService } from "./wiring.ts";

await runService(ingestService, process.env);
