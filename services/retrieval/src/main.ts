import { runService } from "@opsdesk/service/run";
import { retrievalService } from "./wiring.ts";

await runService(retrievalService, process.env);
