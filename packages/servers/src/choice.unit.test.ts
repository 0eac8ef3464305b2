import { describe, expect, test } from "@jest/globals";
import { type Way, choose } from "./choice.ts";

const way = (
  name: Way<string>["name"],
  missing: string | undefined,
  start = () => Promise.resolve(name as string),
) => ({
  name,
  missing: () => Promise.resolve(missing),
  start,
});

describe("choose", () => {
  test("takes the first way that is there", async () => {
    const ways = [way("environment", "set X"), way("docker", undefined), way("native", undefined)];
    expect(await choose("kafka", ways)).toBe("docker");
  });

  test("names everything that was tried and what to install", async () => {
    const ways = [way("environment", "set X"), way("docker", "start Docker"), way("native", "install a JDK")];
    await expect(choose("kafka", ways)).rejects.toThrow(
      "There is no way to start kafka here. One of these is enough:\n  environment: set X\n  docker: start Docker\n  native: install a JDK",
    );
  });

  test("does not go on to another way when one that is there fails", async () => {
    const broken = way("docker", undefined, () => Promise.reject(new Error("no space left")));
    await expect(choose("kafka", [broken, way("native", undefined)])).rejects.toThrow(
      "kafka (docker) did not start: no space left",
    );
  });
});
