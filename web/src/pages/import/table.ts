// A first look at a table, to let its columns be named. What is imported is read by the server.

export const ENCODINGS = ["utf-8", "windows-1256", "windows-1252"] as const;
export const SEPARATORS = [",", ";", "\t", "|"] as const;

export interface Preview {
  separator: string;
  heading: string[];
  /** The first rows below the heading. */
  rows: string[][];
}

/** The text of a table: by its byte order mark, or else in the encoding that was named, or UTF-8. */
export function decode(bytes: Uint8Array, encoding: string): string {
  const marked = (...mark: number[]) => mark.every((byte, index) => bytes[index] === byte);
  const label = marked(0xff, 0xfe) ? "utf-16le" : marked(0xfe, 0xff) ? "utf-16be" : marked(0xef, 0xbb, 0xbf) ? "utf-8" : encoding || "utf-8";
  return new TextDecoder(label).decode(bytes);
}

/** Whether the bytes are sound UTF-8 (or have a byte order mark), so that no encoding need be named. */
export function isUnicode(bytes: Uint8Array): boolean {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return true;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The separator that the first line has most of, outside quotes. */
export function findSeparator(text: string): string {
  const counts = new Map<string, number>(SEPARATORS.map((one) => [one, 0]));
  let isQuoted = false;
  for (const letter of text.trimStart()) {
    if (letter === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (letter === "\n" || letter === "\r")) break;
    else if (!isQuoted) counts.set(letter, (counts.get(letter) ?? 0) + (counts.has(letter) ? 1 : 0));
  }
  return SEPARATORS.reduce((best, one) => ((counts.get(one) ?? 0) > (counts.get(best) ?? 0) ? one : best));
}

/** The first rows of a table: quoted cells may hold separators, line breaks and doubled quotes. Empty rows are left out. */
export function readRows(text: string, separator: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  const endCell = () => {
    row.push(cell.trim());
    cell = "";
  };
  const endRow = () => {
    endCell();
    if (row.some((one) => one !== "")) rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length && rows.length < most; at += 1) {
    const letter = text[at] ?? "";
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (letter === '"' && cell.trim() === "") {
      cell = "";
      isQuoted = true;
    } else if (letter === separator) endCell();
    else if (letter === "\n") endRow();
    else if (letter !== "\r") cell += letter;
  }
  if (rows.length < most && (cell !== "" || row.length > 0)) endRow();
  return rows;
}

const SHOWN = 4;

export function preview(text: string, separator: string): Preview {
  const by = separator || findSeparator(text);
  const [heading = [], ...rows] = readRows(text, by, SHOWN + 1);
  return { separator: by, heading, rows };
}
