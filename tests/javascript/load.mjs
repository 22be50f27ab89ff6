// Loads the files of an example, TypeScript included.
import { readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";

/** The JavaScript file of a file. @param {string} file */
export function runnable(file) {
  if (!/\.[mc]ts$/.test(file)) return file;
  const module = file.endsWith(".mts") ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS;
  const compilerOptions = { module, target: ts.ScriptTarget.ES2023, esModuleInterop: true };
  const { outputText } = ts.transpileModule(readFileSync(file, "utf-8"), { compilerOptions });
  const target = file.replace(/ts$/, "js");
  writeFileSync(target, outputText);
  return target;
}
