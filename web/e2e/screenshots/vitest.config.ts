import { defineConfig } from "vitest/config";

// Pictures of every page of a running system: scripts/screenshots starts both.
export default defineConfig({
  test: { include: ["e2e/screenshots/take.ts"], testTimeout: 600_000, hookTimeout: 600_000 },
});
