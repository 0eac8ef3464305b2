import { runService } from "@opsdesk/service/run";
import { triageService } from "./wiring.ts";

await runService(triageService, process.env);
