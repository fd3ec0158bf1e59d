// A film for the browser's camera, made of pictures: each is shown for a while, again and again.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

/** What Chromium takes a file of JPEGs to have, a second. */
const RATE = 30;

/** Makes the film and answers with its path. Motion JPEG is one JPEG after the other, which a browser can draw. */
export async function film(pictures: readonly string[], seconds = 2, { width, height } = { width: 640, height: 480 }): Promise<string> {
  const browser = await chromium.launch({
    executablePath: process.env.ROLLCALL_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage();
    const frames: Buffer[] = [];
    for (const picture of pictures) {
      const source = `data:image/jpeg;base64,${readFileSync(picture).toString("base64")}`;
      const drawn = await page.evaluate(
        async ({ source, width, height }) => {
          const image = new Image();
          image.src = source;
          await image.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [width, height];
          const scale = Math.min(width / image.width, height / image.height);
          const [w, h] = [image.width * scale, image.height * scale];
          canvas.getContext("2d")?.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
          return canvas.toDataURL("image/jpeg", 0.92);
        },
        { source, width, height },
      );
      const frame = Buffer.from(drawn.slice(drawn.indexOf(",") + 1), "base64");
      for (let n = 0; n < seconds * RATE; n += 1) frames.push(frame);
    }
    const path = join(mkdtempSync(join(tmpdir(), "rollcall-film-")), "film.mjpeg");
    writeFileSync(path, Buffer.concat(frames));
    return path;
  } finally {
    await browser.close();
  }
}
