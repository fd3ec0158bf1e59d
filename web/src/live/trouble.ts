/** Why a camera gives no picture; each has a word that says what to do. */
export type CameraTrouble = "insecure" | "denied" | "none" | "busy" | "lost" | "failed";

/** By what `getUserMedia` throws. */
export function troubleOf(error: unknown): CameraTrouble {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "failed";
}
