// What `func start` does for a project, on the host of these tests: `node func.mjs PORT`, in the project's folder.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FunctionsHost, functionsOf } from "./functions_host.mjs";

const { main } = JSON.parse(readFileSync("package.json", "utf-8"));
JSON.parse(readFileSync("host.json", "utf-8"));
for (const [key, value] of Object.entries(JSON.parse(readFileSync("local.settings.json", "utf-8")).Values)) {
  process.env[key] ??= String(value);
}
const files = readdirSync(dirname(main)).filter((file) => file.endsWith(".js")); // `main` ends in *.js
const functions = new Map(files.flatMap((file) => [...functionsOf(resolve(dirname(main), file))]));
if (functions.size === 0) throw new Error(`No job functions found: ${main}`);

const host = new FunctionsHost(functions, { call: async (_name, _input, run) => run() });
await host.listen(Number(process.argv[2]));
console.log(`Functions: ${[...functions.keys()].join(", ")}`);
let busy = false;
setInterval(async () => {
  if (busy) return;
  busy = true;
  host.now = Date.now();
  await host.run(0);
  busy = false;
}, 10);
