// Drawings as pictures that a system can be sent.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

/** The drawings as JPEG files, in the same order. */
export async function develop(drawings: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-drawn-"));
  const browser = await chromium.launch({
    executablePath: process.env.ROLLCALL_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage();
    const paths: string[] = [];
    for (const [at, drawing] of drawings.entries()) {
      const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(drawing) ?? [];
      await page.setViewportSize({ width: Number(width), height: Number(height) });
      await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${drawing}`);
      const path = join(folder, `${at}.jpg`);
      writeFileSync(path, await page.screenshot({ type: "jpeg", quality: 92 }));
      paths.push(path);
    }
    return paths;
  } finally {
    await browser.close();
  }
}
