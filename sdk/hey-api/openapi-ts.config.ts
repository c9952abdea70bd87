import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: process.env["SDK_CONTRACT"] ?? "openapi.yaml",
  // Imports say `.js`, as Node.js wants them.
  output: { path: "generated", module: { extension: ".js" } },
  plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"],
  logs: { file: false },
});
