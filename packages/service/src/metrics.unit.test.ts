import { describe, expect, it } from "@jest/globals";
import { Metrics } from "./metrics.ts";

describe("a service's own gauge", () => {
  it("carries the service's name, and is one series however often it is asked for", async () => {
    const metrics = new Metrics();
    metrics.gauge("analytics", "opsdesk_analytics_delay_seconds", "How late.")(3);
    metrics.gauge("analytics", "opsdesk_analytics_delay_seconds", "How late.")(5);
    expect(await metrics.registry.metrics()).toContain('opsdesk_analytics_delay_seconds{service="analytics"} 5');
  });
});
