import { runService } from "@opsdesk/service/run";
import { analyticsService } from "./wiring.ts";

await runService(analyticsService, process.env);
