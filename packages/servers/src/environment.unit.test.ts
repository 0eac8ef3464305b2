import { describe, expect, test } from "@jest/globals";
import { givenAddress, onlyWay, serversToShare } from "./environment.ts";

describe("givenAddress", () => {
  test("reads the test's own variable and never a production one", () => {
    expect(givenAddress("kafka", { KAFKA_BROKERS: "production:9092" })).toBeUndefined();
    expect(givenAddress("kafka", { OPSDESK_TEST_KAFKA_BROKERS: "test:9092" })).toBe("test:9092");
  });

  test("passes over an empty address", () => {
    expect(givenAddress("neo4j", { OPSDESK_TEST_NEO4J_URL: "" })).toBeUndefined();
  });

  test("passes over what this run started, so that a suite gets a server of its own", () => {
    const environment = { OPSDESK_TEST_SHARED: "postgres,kafka", OPSDESK_TEST_KAFKA_BROKERS: "127.0.0.1:1" };
    expect(givenAddress("kafka", environment)).toBeUndefined();
    expect(givenAddress("neo4j", { ...environment, OPSDESK_TEST_NEO4J_URL: "bolt://h:1" })).toBe("bolt://h:1");
  });
});

describe("onlyWay", () => {
  test("refuses what it does not know", () => {
    expect(onlyWay({})).toBeUndefined();
    expect(onlyWay({ OPSDESK_TEST_SERVERS: "native" })).toBe("native");
    expect(() => onlyWay({ OPSDESK_TEST_SERVERS: "podman" })).toThrow("it can be docker or native");
  });
});

describe("serversToShare", () => {
  test("are all, or those that are named", () => {
    expect(serversToShare({})).toHaveLength(4);
    expect(serversToShare({ OPSDESK_TEST_START: "kafka,postgres" })).toEqual(["postgres", "kafka"]);
    expect(() => serversToShare({ OPSDESK_TEST_START: "kafak" })).toThrow("names kafak; known: postgres,kafka");
  });
});
