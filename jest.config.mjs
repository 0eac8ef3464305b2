/** Tests run as native ES modules (`node --experimental-vm-modules`), so that what is tested is what runs. */
export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2024" }, module: { type: "es6" } }],
  },
  testMatch: ["**/*.unit.test.ts", "**/*.int.test.ts", "**/*.e2e.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/\\.opsdesk/"],
  modulePathIgnorePatterns: ["/\\.opsdesk/"],
};
