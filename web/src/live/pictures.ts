// Pictures on their way: taken from a running video, and cut out again to show a face. They stay in this tab's memory.

import { type Rectangle, type Size, fitted } from "./frames";

const LONGEST_SIDE = 1280;
const JPEG_QUALITY = 0.85;

export interface Picture {
  size: Size;
  bitmap: ImageBitmap;
  jpeg: Blob;
}

/** What the camera shows now; `null` where it shows nothing yet. */
export async function take(video: HTMLVideoElement): Promise<Picture | null> {
  const whole = { width: video.videoWidth, height: video.videoHeight };
  if (whole.width === 0 || video.readyState < video.HAVE_CURRENT_DATA) return null;
  const size = fitted(whole, LONGEST_SIDE);
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  canvas.getContext("2d")?.drawImage(video, 0, 0, size.width, size.height);
  const jpeg = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", JPEG_QUALITY));
  return jpeg && { size, jpeg, bitmap: await createImageBitmap(canvas) };
}

/** A small picture of one face. */
export function cut(bitmap: ImageBitmap, part: Rectangle, side: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  canvas.getContext("2d")?.drawImage(bitmap, part.x, part.y, part.width, part.height, 0, 0, side, side);
  return canvas;
}
