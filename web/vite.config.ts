import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: { target: "es2023", assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
  server: {
    // `npm run dev` beside a gateway: ROLLCALL_GATEWAY says where it listens.
    proxy: { "/api": { target: process.env.ROLLCALL_GATEWAY ?? "http://127.0.0.1:8080", ws: true } },
  },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"] },
});
