/** Text as one word of a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** How the camera client is started; the key goes by the environment, so that no list of processes shows it. */
export function command(key: string, gateway: string, sessionId: string | null): string {
  const session = sessionId ?? "SESSION";
  return `ROLLCALL_CAMERA__KEY=${quoted(key)} \\\n  camera --gateway ${quoted(gateway)} --session ${session} --source usb:0`;
}
