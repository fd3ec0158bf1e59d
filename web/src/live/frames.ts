// Which picture a result belongs to. A frame's id is known when the server answers, and its result may be heard of before that.

import type { components } from "../api/schema";

export type Sighting = components["schemas"]["Sighting"];
export type Outcome = components["schemas"]["Outcome"];
export type PersonLabel = components["schemas"]["PersonLabel"];

/** What was recognised in one frame, from whichever address it came. */
export interface Result {
  frame_id: string;
  camera_id?: string | null;
  decided_at: string;
  sightings: Sighting[];
  people: PersonLabel[];
}

/** A result with the picture that it is about. */
export interface Judged<Picture> {
  picture: Picture;
  result: Result;
  /** When the picture was taken, by the browser's clock. */
  at: number;
  /** Milliseconds from taking the picture to having its result. */
  took: number;
}

interface Sent<Picture> {
  picture: Picture;
  at: number;
}

/** How many results of other frames are kept for an answer that is still on its way. */
const EARLY = 20;

export class Awaited<Picture> {
  private readonly sent = new Map<string, Sent<Picture>>();
  private readonly early = new Map<string, Result>();
  private readonly longest: number;

  /** Whoever has no result after `longest` milliseconds will have none: the frame was dropped. */
  constructor(longest: number) {
    this.longest = longest;
  }

  get count(): number {
    return this.sent.size;
  }

  /** The server took in the picture that was taken `at`. */
  accepted(frameId: string, picture: Picture, at: number, now: number): Judged<Picture> | null {
    const result = this.early.get(frameId);
    if (!result) {
      this.sent.set(frameId, { picture, at });
      return null;
    }
    this.early.delete(frameId);
    return { picture, result, at, took: now - at };
  }

  /** A result was heard of: of one of these pictures, or of another camera's. */
  heard(result: Result, now: number): Judged<Picture> | null {
    const sent = this.sent.get(result.frame_id);
    if (!sent) {
      this.early.set(result.frame_id, result);
      const [oldest] = this.early.keys();
      if (this.early.size > EARLY && oldest) this.early.delete(oldest);
      return null;
    }
    this.sent.delete(result.frame_id);
    return { picture: sent.picture, result, at: sent.at, took: now - sent.at };
  }

  /** Gives up those that have waited too long; answers with how many. */
  giveUp(now: number): number {
    const late = [...this.sent].filter(([, sent]) => now - sent.at > this.longest);
    for (const [frameId] of late) this.sent.delete(frameId);
    return late.length;
  }
}

export interface Size {
  width: number;
  height: number;
}

/** As large as `longest` allows: what is sent need not be larger than what recognition uses. */
export function fitted({ width, height }: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

export interface Rectangle extends Size {
  x: number;
  y: number;
}

/** Where a box lies in the picture as it is shown: inside of it, and on the other side where it is shown as a mirror shows it. */
export function shown(box: components["schemas"]["FaceBox"], size: Size, isMirrored: boolean): Rectangle {
  const left = Math.max(0, box.x_min);
  const right = Math.min(size.width, box.x_max);
  const top = Math.max(0, box.y_min);
  const bottom = Math.min(size.height, box.y_max);
  return {
    x: isMirrored ? size.width - right : left,
    y: top,
    width: Math.max(0, right - left),
    height: Math.max(0, bottom - top),
  };
}

/** What is cut out of a picture to show one face: the box with some room around it, as a square inside of the picture. */
export function portrait(box: components["schemas"]["FaceBox"], size: Size): Rectangle {
  const wanted = Math.max(box.x_max - box.x_min, box.y_max - box.y_min) * 1.4;
  const side = Math.max(1, Math.min(wanted, size.width, size.height));
  const inside = (centre: number, length: number) => Math.max(0, Math.min(length - side, centre - side / 2));
  return {
    x: inside((box.x_min + box.x_max) / 2, size.width),
    y: inside((box.y_min + box.y_max) / 2, size.height),
    width: side,
    height: side,
  };
}
