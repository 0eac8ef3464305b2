import { runService } from "@opsdesk/service/run";
import { safetyGateService } from "./wiring.ts";

await runService(safetyGateService, process.env);
