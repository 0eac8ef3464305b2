import type { Desks } from "@opsdesk/desk";
import type { AnyHandler } from "@opsdesk/messaging";
import type { Desk } from "@opsdesk/schemas/desk";
import { scenarioVersionOf } from "../decide/ids.ts";
import { isShadow } from "../decide/shadow.ts";
import { scenariosKept } from "../store/scenarios.ts";

interface ConfiguredDesk {
  readonly tenant: string;
  readonly desk: Desk;
}

/** Keeps the copy of the desk, and every version of its scenarios. A shadow's scenarios are those of its desk. */
export function onDeskConfigured(desks: Desks): AnyHandler {
  const copying = desks.onDeskConfigured;
  return {
    ...copying,
    save: (rows) => {
      const copied = copying.save?.(rows) ?? { writes: [] };
      // What the handler that this one extends makes of an event (see packages/desk).
      const configured = rows as readonly ConfiguredDesk[];
      const versions = configured
        .filter(({ tenant }) => !isShadow(tenant))
        .flatMap(({ tenant, desk }) =>
          desk.scenarios.map((scenario) => ({
            tenant,
            scenarioId: scenario.id,
            version: scenarioVersionOf(scenario),
            body: scenario,
          })),
        );
      return { ...copied, writes: [...copied.writes, scenariosKept(versions)] };
    },
  };
}
