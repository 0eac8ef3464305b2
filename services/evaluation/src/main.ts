import { runService } from "@opsdesk/service/run";
import { evaluationService } from "./wiring.ts";

await runService(evaluationService, process.env);
