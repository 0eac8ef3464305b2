import {
  currentTraceparent,
  errorType,
  failSpan,
  inSpan,
  setAttributes,
  startSpan,
  traceparentOf,
  tracer,
} from "@opsdesk/telemetry";
import type { Outgoing, Sender, Sent } from "./sender.ts";

/** Each attempt is a span, and the other side is told which: its own trace goes on from there. */
export function tracedSender(sender: Sender): Sender {
  return {
    close: () => sender.close(),
    async send(outgoing, signal) {
      const from = tracer();
      if (from === undefined || !URL.canParse(outgoing.url))
        return await sender.send(withTrace(outgoing, outgoing.traceparent), signal);
      const { origin, hostname, port, protocol } = new URL(outgoing.url);
      const span = startSpan(from, {
        name: "POST",
        kind: "CLIENT",
        parent: currentTraceparent() ?? outgoing.traceparent,
        attributes: {
          "http.request.method": "POST",
          "url.full": `${origin}/REDACTED`,
          "server.address": hostname,
          "server.port": Number(port || (protocol === "https:" ? 443 : 80)),
          ...((outgoing.resent ?? 0) > 0 ? { "http.request.resend_count": outgoing.resent ?? 0 } : {}),
        },
      });
      try {
        const sent = await inSpan(span, () => sender.send(withTrace(outgoing, traceparentOf(span)), signal));
        if (sent.kind === "answered") setAttributes(span, { "http.response.status_code": sent.status });
        const fault = faultOf(sent);
        if (fault !== undefined) failSpan(span, fault);
        return sent;
      } catch (error) {
        failSpan(span, errorType(error));
        throw error;
      } finally {
        span.end();
      }
    },
  };
}

const faultOf = (sent: Sent): string | undefined => {
  if (sent.kind === "unanswered") return sent.code;
  return sent.status >= 400 ? String(sent.status) : undefined;
};

const withTrace = (outgoing: Outgoing, traceparent: string | undefined): Outgoing =>
  traceparent === undefined ? outgoing : { ...outgoing, headers: { ...outgoing.headers, traceparent } };
