// The code that a room shows, as a link: whoever takes it with the camera of their phone comes to the page that checks them in.

/** What the picture says. The code goes behind the #, which browsers send to nobody. */
export function checkInLink(origin: string, qr: string): string {
  return `${origin}/check-in#${qr}`;
}

/** The code in what was scanned: a link, or the code by itself; null where it is something else. */
export function codeIn(text: string): { qr: string; sessionId: string } | null {
  const qr = text.trim().replace(/^[^#]*#/, "");
  const [id = "", slot = "", signature = "", ...more] = qr.split(".");
  if (!/^[\w-]{22}$/.test(id) || !/^\d+$/.test(slot) || !/^[\w-]+$/.test(signature) || more.length > 0) return null;
  const bytes = atob(id.replaceAll("-", "+").replaceAll("_", "/"));
  const hex = Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return { qr, sessionId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") };
}
