// No letters or digits that are taken for each other when read out.
const SIGNS = "abcdefghjkmnpqrstuvwxyz23456789";

/** A password to be told to somebody: four groups of four signs, 79 bits. */
export function drawPassword(random: (into: Uint8Array) => Uint8Array = (into) => crypto.getRandomValues(into)): string {
  // What is beyond the last whole multiple is drawn anew, so that no sign is likelier than another.
  const most = 256 - (256 % SIGNS.length);
  let signs = "";
  while (signs.length < 16) {
    for (const byte of random(new Uint8Array(32))) {
      if (byte < most && signs.length < 16) signs += SIGNS.charAt(byte % SIGNS.length);
    }
  }
  return (signs.match(/.{4}/g) ?? []).join("-");
}
