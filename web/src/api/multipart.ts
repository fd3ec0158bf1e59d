// Forms with files. The document knows a file as a string of bytes, which a browser does not hold.

type Part = string | Blob;

/** What openapi-fetch sends a form with: the typed body stays empty, the form takes its place. */
export function multipart<Body>(parts: readonly (readonly [name: string, part: Part])[]): {
  body: Body;
  bodySerializer: () => FormData;
} {
  const form = new FormData();
  for (const [name, part] of parts) form.append(name, part);
  return { body: {} as Body, bodySerializer: () => form };
}

/** What openapi-fetch sends one picture with. */
export function picture(bytes: Blob): { body: never; bodySerializer: () => Blob; headers: { "content-type": string } } {
  return { body: {} as never, bodySerializer: () => bytes, headers: { "content-type": bytes.type } };
}
