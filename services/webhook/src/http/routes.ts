import type { App } from "@opsdesk/service";
import { type DecisionPorts, decisionRoutes } from "./decision-routes.ts";
import { deliveryRoutes } from "./delivery-routes.ts";
import { type EndpointPorts, endpointRoutes } from "./endpoint-routes.ts";

export const routes =
  (ports: EndpointPorts & DecisionPorts) =>
  (app: App): void => {
    endpointRoutes(app, ports);
    deliveryRoutes(app, ports);
    decisionRoutes(app, ports);
  };
