import { defineConfig } from "vitest/config";

// Journeys through a running system, in a real browser: scripts/panel-tests starts both.
export default defineConfig({
  test: {
    include: ["e2e/journeys/*.ts"],
    // The system is shared and the machine may be small: one journey at a time.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
