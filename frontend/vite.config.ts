import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const PAGES = "../src/docstage/pages";
const COMPRESSED = /\.(html|js|css|svg)$/;

/** Puts a `.gz` beside every text file, so that the server has nothing to compress while it serves. */
function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    closeBundle() {
      const folder = fileURLToPath(new URL(PAGES, import.meta.url));
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (COMPRESSED.test(name)) {
          const path = join(folder, name);
          writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
        }
      }
    },
  };
}

/** Writes down which addresses have a page, for the server. */
function declareRoutes(): Plugin {
  return {
    name: "declare-routes",
    apply: "build",
    async closeBundle() {
      // By a name that the bundler of this file does not see: node reads the table alone, without the pages.
      const table = new URL("src/routes.ts", import.meta.url).href;
      const { ROUTES } = (await import(table)) as typeof import("./src/routes");
      const addresses = ROUTES.flatMap((route) => route.at);
      writeFileSync(fileURLToPath(new URL(`${PAGES}/routes.json`, import.meta.url)), JSON.stringify(addresses));
    },
  };
}

export default defineConfig({
  plugins: [precompress(), declareRoutes()],
  build: {
    outDir: PAGES,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // Data URLs would need more room in the content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(["/api", "/openapi.json", "/readyz"].map((path) => [path, "http://127.0.0.1:8640"])),
  },
});
