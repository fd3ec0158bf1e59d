// Keys by which a request that is sent again, since its answer was lost, is not carried out again.

import { useState } from "react";

/** Not `crypto.randomUUID`: browsers have that over HTTPS only. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The same content has the same key until it was carried out. */
export class Attempts {
  #content: string | null = null;
  #key = "";

  keyFor(content: unknown): string {
    const text = JSON.stringify(content);
    if (text !== this.#content) {
      this.#content = text;
      this.#key = randomKey();
    }
    return this.#key;
  }

  /** It was carried out: the same once more is another request. */
  done(): void {
    this.#content = null;
  }
}

export function useAttempts(): Attempts {
  return useState(() => new Attempts())[0];
}

/** What tells files apart without reading them. */
export function filesContent(files: readonly File[]): unknown {
  return files.map((file) => [file.name, file.size, file.lastModified]);
}
