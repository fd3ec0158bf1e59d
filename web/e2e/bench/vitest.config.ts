import { defineConfig } from "vitest/config";

// What is measured in a browser: scripts/bench-panel starts it beside a running system.
export default defineConfig({ test: { include: ["e2e/bench/latency.ts"], testTimeout: 900_000, hookTimeout: 600_000 } });
