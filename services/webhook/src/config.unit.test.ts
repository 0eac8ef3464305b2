import { readConfig } from "./config.ts";

const key = { OPSDESK_SECRETS_KEY: "k".repeat(32) };
const secret = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
const problemsOf = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
};

describe("readConfig", () => {
  it("reads secrets by endpoint name and exact addresses", () => {
    const config = readConfig({
      ...key,
      OPSDESK_ENDPOINT_SECRET_NORTH__CRM: secret,
      WEBHOOK_ALLOW_ADDRESSES: "127.0.0.1:4110, [::1]:4110",
    });
    expect([...config.endpointSecrets]).toEqual([["NORTH__CRM", secret]]);
    expect([...config.allowAddresses]).toEqual(["127.0.0.1:4110", "[::1]:4110"]);
  });

  it("lists every problem at once, and repeats no secret", () => {
    const problems = problemsOf({
      OPSDESK_ENDPOINT_SECRET_NORTH__CRM: "whsec_c2hvcnQ=",
      WEBHOOK_ALLOW_ADDRESSES: "10.0.0.0/8,host",
      WEBHOOK_TIMEOUT_MS: "fast",
    });
    for (const named of [
      "OPSDESK_SECRETS_KEY",
      "OPSDESK_ENDPOINT_SECRET_NORTH__CRM",
      "10.0.0.0/8",
      "host is not",
      "WEBHOOK_TIMEOUT_MS",
    ])
      expect(problems).toContain(named);
    expect(problems).not.toContain("c2hvcnQ");
  });
});
