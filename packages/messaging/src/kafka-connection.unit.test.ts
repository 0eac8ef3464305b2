import { RejectedError } from "@opsdesk/errors";
import { kafkaConnection } from "./kafka-connection.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

function problemsOf(environment: Record<string, string>, service?: string): readonly string[] {
  try {
    kafkaConnection(environment, service, () => {
      throw new Error("no such file");
    });
    return [];
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    expect(error.code).toBe("config_invalid");
    return (error.publicMessage ?? "").split("\n");
  }
}

describe("kafkaConnection", () => {
  it("needs nothing but brokers, and takes several", () => {
    expect(kafkaConnection({ KAFKA_BROKERS: "a:9092, b.example.org:9093,[::1]:9094", KAFKA_TLS_CA: "" })).toEqual({
      brokers: ["a:9092", "b.example.org:9093", "[::1]:9094"],
    });
  });

  it("signs in with SCRAM-SHA-256 unless another mechanism is named, whatever its case", () => {
    const environment = { KAFKA_BROKERS: "a:9092", KAFKA_SASL_USERNAME: "admin", KAFKA_SASL_PASSWORD: "s" };
    expect(kafkaConnection(environment).sasl).toEqual({
      mechanism: "scram-sha-256",
      username: "admin",
      password: "s",
    });
    expect(kafkaConnection({ ...environment, KAFKA_SASL_MECHANISM: "PLAIN" }).sasl?.mechanism).toBe("plain");
  });

  it("reads a service's own names first", () => {
    const environment = {
      KAFKA_BROKERS: "a:9092",
      SAFETY_GATE_KAFKA_BROKERS: "b:9092",
      KAFKA_SASL_USERNAME: "shared",
      KAFKA_SASL_PASSWORD: "shared secret",
      SAFETY_GATE_KAFKA_SASL_USERNAME: "gate",
      SAFETY_GATE_KAFKA_SASL_PASSWORD: "gate secret",
    };
    expect(kafkaConnection(environment, "safety-gate")).toEqual({
      brokers: ["b:9092"],
      sasl: { mechanism: "scram-sha-256", username: "gate", password: "gate secret" },
    });
    expect(kafkaConnection(environment, "triage").sasl?.username).toBe("shared");
  });

  it("signs a service that is given only its own password in as its own user, not as the shared one", () => {
    const environment = {
      KAFKA_BROKERS: "a:9092",
      KAFKA_SASL_USERNAME: "admin",
      KAFKA_SASL_PASSWORD: "admin secret",
      INGEST_KAFKA_SASL_PASSWORD: "own secret",
    };
    expect(kafkaConnection(environment, "ingest").sasl).toMatchObject({
      username: "opsdesk.ingest",
      password: "own secret",
    });
  });

  it("takes PEM texts, with line breaks written out, and files that hold them", () => {
    const connection = kafkaConnection(
      {
        KAFKA_BROKERS: "a:9093",
        KAFKA_TLS_CA: PEM.replaceAll("\n", String.raw`\n`),
        KAFKA_TLS_CERT: "/run/secrets/cert.pem",
        KAFKA_TLS_KEY: "/run/secrets/key.pem",
      },
      undefined,
      (path) => `${PEM}# ${path}`,
    );
    expect(connection.ssl).toEqual({
      ca: PEM,
      cert: `${PEM}# /run/secrets/cert.pem`,
      key: `${PEM}# /run/secrets/key.pem`,
    });
  });

  it("can use TLS with the certificate authorities that Node knows", () => {
    expect(kafkaConnection({ KAFKA_BROKERS: "a:9093", KAFKA_TLS_ENABLED: "true" }).ssl).toEqual({});
  });

  it("lists every problem at once, each beginning with its setting, and never a password", () => {
    const problems = problemsOf({
      KAFKA_BROKERS: "a:9092,nowhere,b:99999",
      KAFKA_SASL_MECHANISM: "gssapi",
      KAFKA_SASL_PASSWORD: "s3cret",
      KAFKA_TLS_ENABLED: "yes",
      KAFKA_TLS_CA: "/missing.pem",
      KAFKA_TLS_CERT: "/missing.pem",
    });
    expect(problems.map((one) => /^\w+/.exec(one)?.[0])).toEqual([
      "KAFKA_BROKERS",
      "KAFKA_SASL_MECHANISM",
      "KAFKA_SASL_USERNAME",
      "KAFKA_TLS_ENABLED",
      "KAFKA_TLS_CA",
      "KAFKA_TLS_CERT",
      "KAFKA_TLS_CERT",
    ]);
    expect(problems.join()).not.toContain("s3cret");
    expect(problems[0]).toContain('"nowhere", "b:99999"');
  });

  it("refuses a pair that was not meant as one", () => {
    expect(problemsOf({ KAFKA_BROKERS: "a:1", KAFKA_SASL_USERNAME: "admin" })).toEqual([
      "KAFKA_SASL_PASSWORD must be set, because KAFKA_SASL_USERNAME is",
    ]);
    expect(
      problemsOf(
        { KAFKA_BROKERS: "a:1", INGEST_KAFKA_SASL_USERNAME: "ingest", KAFKA_SASL_PASSWORD: "of another" },
        "ingest",
      ),
    ).toEqual(["INGEST_KAFKA_SASL_USERNAME needs a password of its own beside it, INGEST_KAFKA_SASL_PASSWORD"]);
    expect(problemsOf({ KAFKA_BROKERS: "a:1", KAFKA_SASL_MECHANISM: "plain" })).toHaveLength(1);
    expect(problemsOf({})).toHaveLength(1);
  });
});
