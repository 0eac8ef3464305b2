import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { javaAt } from "./java.ts";

const folder = mkdtempSync(join(tmpdir(), "opsdesk-java-"));
afterAll(() => rmSync(folder, { recursive: true }));

function home(name: string, release: string, programs: readonly string[]): string {
  const path = join(folder, name);
  mkdirSync(join(path, "bin"), { recursive: true });
  writeFileSync(join(path, "release"), release);
  for (const program of programs) writeFileSync(join(path, "bin", program), "");
  return path;
}

test("reads a JDK's version, also of the time when they began with 1", () => {
  const modern = 'JAVA_VERSION="25.0.3"\nJAVA_RUNTIME_VERSION="25.0.3+9-LTS"\n';
  expect(javaAt(home("25", modern, ["java", "javac"]))).toMatchObject({ major: 25, build: "25.0.3+9-LTS" });
  expect(javaAt(home("8", 'JAVA_VERSION="1.8.0_412"\n', ["java", "javac"]))).toMatchObject({ major: 8 });
});

test("a runtime without a compiler is no JDK", () => {
  expect(javaAt(home("jre", 'JAVA_VERSION="25"\n', ["java"]))).toBeUndefined();
  expect(javaAt(join(folder, "nothing"))).toBeUndefined();
});
