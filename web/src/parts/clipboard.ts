/**
 * Copies a text, and says whether it could. Browsers have the clipboard only where a page is secure: elsewhere a field is
 * put beside `near` for a moment and copied from, as was done before there was one.
 */
export async function copyText(text: string, near: HTMLElement): Promise<boolean> {
  if ("clipboard" in navigator) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed, or not now: the other way may be.
    }
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.style.position = "fixed";
  field.style.opacity = "0";
  // Beside the button: a dialog keeps the focus from what is outside it.
  near.after(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    near.focus();
  }
}
