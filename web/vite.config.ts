import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react(), packed()],
  build: { target: "es2023", assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
  server: {
    // `npm run dev` beside a gateway: ROLLCALL_GATEWAY says where it listens.
    proxy: { "/api": { target: process.env.ROLLCALL_GATEWAY ?? "http://127.0.0.1:8080", ws: true } },
  },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
});

/** Puts a smaller .br and .gz beside each file that has one: the gateway sends them to browsers that take them. */
function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    writeBundle({ dir }, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!dir || !/\.(js|css|svg|json)$/.test(name)) continue;
        const path = join(dir, name);
        const plain = readFileSync(path);
        const brotli = brotliCompressSync(plain, {
          params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_QUALITY]: 11 },
        });
        if (brotli.length < plain.length) writeFileSync(`${path}.br`, brotli);
        const gzip = gzipSync(plain, { level: 9 });
        if (gzip.length < plain.length) writeFileSync(`${path}.gz`, gzip);
      }
    },
  };
}
