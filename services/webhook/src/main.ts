import { runService } from "@opsdesk/service/run";
import { webhookService } from "./wiring.ts";

await runService(webhookService, process.env);
