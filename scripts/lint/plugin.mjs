/** Our own lint rules: what no import rule can see, because it needs no import. */

const IMPURE_GLOBALS = new Set([
  "crypto",
  "fetch",
  "performance",
  "process",
  "console",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "localStorage",
]);
const IMPURE_MEMBERS = new Set(["Date.now", "Math.random"]);
/** Named imports of otherwise pure packages that draw on chance or the clock. */
const IMPURE_IMPORTS = { "@opsdesk/identity": new Set(["newId"]) };

/** A decision is a function of its arguments: the clock, chance and the outside world are data that it is given. */
const pureDecide = {
  create(context) {
    const report = (node, what) => context.report({ node, message: `${what} in decide/: pass it in as data` });
    const isGlobal = (node) => {
      for (let scope = context.sourceCode.getScope(node); scope !== null; scope = scope.upper) {
        const variable = scope.set.get(node.name);
        if (variable !== undefined) return variable.defs.length === 0;
      }
      return true;
    };
    return {
      ImportDeclaration(node) {
        const impure = IMPURE_IMPORTS[node.source.value];
        for (const specifier of node.specifiers) {
          if (impure?.has(specifier.imported?.name))
            report(specifier, `${node.source.value} ${specifier.imported.name}`);
        }
      },
      MemberExpression(node) {
        const { object, property } = node;
        if (object.type !== "Identifier") return;
        if (object.name === "globalThis") return report(node, "globalThis");
        const name = `${object.name}.${property.name ?? property.value}`;
        if (IMPURE_MEMBERS.has(name) && isGlobal(object)) report(node, name);
        if (IMPURE_GLOBALS.has(object.name) && isGlobal(object)) report(node, object.name);
      },
      CallExpression(node) {
        if (node.callee.type !== "Identifier" || !isGlobal(node.callee)) return;
        if (IMPURE_GLOBALS.has(node.callee.name)) report(node, node.callee.name);
        if (node.callee.name === "Date") report(node, "Date()");
      },
      NewExpression(node) {
        if (node.callee.type === "Identifier" && node.callee.name === "Date" && node.arguments.length === 0)
          report(node, "new Date()");
      },
    };
  },
};

/** Only main.ts reads the environment; everything else is handed a typed, frozen configuration. */
const environmentInMain = {
  create: (context) => ({
    MemberExpression(node) {
      if (node.object.type === "Identifier" && node.object.name === "process" && node.property.name === "env") {
        context.report({ node, message: "process.env outside main.ts: take the value from the configuration" });
      }
    },
  }),
};

export default {
  meta: { name: "opsdesk" },
  rules: { "pure-decide": pureDecide, "environment-in-main": environmentInMain },
};
