import { defineConfig } from "vitest/config";

// Journeys through a running system, in a real browser: scripts/panel-tests starts both.
export default defineConfig({
  test: {
    include: ["e2e/journeys/*.ts"],
    // The system is shared and the machine may be small: one journey at a time.
    fileParallelism: false,
    // No journey takes so long, unless others use the machine.
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
