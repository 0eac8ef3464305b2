import { RejectedError } from "@opsdesk/errors";
import { expectPasswords, passwordsFrom } from "./passwords.ts";
import { planOf } from "./plan.ts";

const plan = planOf({ edgeTenants: ["acme"], outside: [] });
const GOOD = "0123456789abcdef";

describe("passwords", () => {
  it("come from each user's own variable; one that is set to nothing is not set", () => {
    expect(
      passwordsFrom(plan, {
        SAFETY_GATE_KAFKA_SASL_PASSWORD: GOOD,
        EDGE_ACME_KAFKA_SASL_PASSWORD: `${GOOD}!`,
        INGEST_KAFKA_SASL_PASSWORD: "",
        KAFKA_SASL_PASSWORD: "the administrator's",
      }),
    ).toEqual(
      new Map([
        ["opsdesk.edge.acme", `${GOOD}!`],
        ["opsdesk.safety-gate", GOOD],
      ]),
    );
  });

  it("that are short or hold what SCRAM prepares in more than one way are refused, all at once and unspoken", () => {
    const read = () =>
      passwordsFrom(plan, { INGEST_KAFKA_SASL_PASSWORD: "s3cret", TRIAGE_KAFKA_SASL_PASSWORD: `${GOOD}ﬁ` });
    expect(read).toThrow(RejectedError);
    expect(read).toThrow(/INGEST_KAFKA_SASL_PASSWORD.*TRIAGE_KAFKA_SASL_PASSWORD/);
    expect(read).not.toThrow(/s3cret/);
  });

  it("are needed for users that are to be made", () => {
    expect(() => expectPasswords(plan.users, new Map([["opsdesk.ingest", GOOD]]))).toThrow(
      /EDGE_ACME_KAFKA_SASL_PASSWORD must be set to make the user opsdesk\.edge\.acme/,
    );
    expect(() => expectPasswords([], new Map())).not.toThrow();
  });
});
