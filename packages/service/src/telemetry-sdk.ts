import { setTimeout as sleep } from "node:timers/promises";
import { type DiagLogger, DiagLogLevel, context, diag, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import type { Telemetry } from "./telemetry.ts";

/** A batch of 500 events makes three spans an event in one turn of the event loop. */
const QUEUE_MAX = 16_384;
const EXPORT_MAX = 1_024;
const EVERY_MS = 1_000;
/** A batch's span names the trace of each of its events. */
const LINKS_MAX = 512;
const FLUSH_MS = 3_000;
const TOLD_EVERY_MS = 60_000;

export interface SdkOptions {
  readonly name: string;
  readonly version: string;
  /** Base address of an OTLP receiver over HTTP. */
  readonly endpoint: string;
  /** Of the traces that begin here, from 0 to 1; one that came in keeps its caller's choice. */
  readonly share: number;
}

/** The only module that knows the SDK; what exports and how is decided here, what is traced is not. */
export function startSdk({ name, version, endpoint, share }: SdkOptions, log: Logger): Telemetry {
  diag.setLogger(troubles(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({ "service.name": name, "service.namespace": "opsdesk", "service.version": version }),
      )
      .merge(
        detectResources({
          detectors: [serviceInstanceIdDetector, resourceAttributesEnvDetector, serviceNameEnvDetector],
        }),
      ),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanLimits: { linkCountLimit: LINKS_MAX },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: new URL("v1/traces", endpoint.replace(/\/*$/, "/")).href }),
        maxQueueSize: QUEUE_MAX,
        maxExportBatchSize: EXPORT_MAX,
        scheduledDelayMillis: EVERY_MS,
      }),
    ],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return {
    async stop() {
      const given = new AbortController();
      await Promise.race([
        provider.shutdown().catch(() => undefined),
        sleep(FLUSH_MS, undefined, { signal: given.signal, ref: false }).catch(() => undefined),
      ]);
      given.abort();
    },
  };
}

/** A receiver that is down is told of once a minute; what it says back is not repeated. */
function troubles(log: Logger): DiagLogger {
  let toldAt = -Infinity;
  const tell = (): void => {
    if (performance.now() - toldAt < TOLD_EVERY_MS) return;
    toldAt = performance.now();
    log.warn({ code: "telemetry_unavailable" }, "traces could not be handed over and are dropped");
  };
  return { error: tell, warn: tell, info() {}, debug() {}, verbose() {} };
}
