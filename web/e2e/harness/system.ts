// The running system, and what a journey needs to be there before it begins: made through the public API.

import { readFileSync } from "node:fs";

import createClient from "openapi-fetch";

import type { components, paths } from "../../src/api/schema";

type Role = components["schemas"]["Role"];
export type Api = ReturnType<typeof createClient<paths>>;

/** Somebody who can sign in. */
export interface Account {
  email: string;
  password: string;
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run scripts/panel-tests`);
  return value;
}

/** Where the gateway is, which serves the panel too. */
export const address = setting("ROLLCALL_GATEWAY");

/** The administrator of the installation. */
export const installationAdmin: Account = {
  email: setting("ROLLCALL_ADMIN"),
  password: readFileSync(setting("ROLLCALL_ADMIN_PASSWORD_FILE"), "utf8").trim(),
};

let counter = 0;
const run = Date.now().toString(36);

/** A word that nothing else in the system has. */
export function unique(word: string): string {
  counter += 1;
  return `${word}-${run}-${counter}`;
}

/** The API as `account` has it, within an organization. */
export async function apiOf({ email, password }: Account, organization?: string): Promise<Api> {
  const login = await fetch(`${address}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  if (!login.ok) throw new Error(`${email} cannot log in: ${login.status} ${await login.text()}`);
  const { access_token: token } = (await login.json()) as components["schemas"]["Token"];
  return createClient<paths>({
    baseUrl: address,
    headers: { authorization: `Bearer ${token}`, ...(organization && { "x-organization-id": organization }) },
  });
}

/** What an answer holds; a refusal ends the test. */
export async function made<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw new Error(`${response.status} ${response.url}: ${JSON.stringify(error)}`);
  return data as T;
}

/** An organization of the test's own, and what it is filled with. */
export class School {
  private constructor(
    readonly id: string,
    readonly name: string,
    /** As its administrator. */
    readonly api: Api,
    readonly admin: Account,
  ) {}

  static async create(name = unique("School"), zone = "Europe/Zurich", email?: string): Promise<School> {
    const root = await apiOf(installationAdmin);
    const { id } = await made(root.POST("/api/v1/organizations", { body: { name, time_zone: zone } }));
    const { account: admin } = await addUser(await apiOf(installationAdmin, id), "admin", null, email);
    return new School(id, name, await apiOf(admin), admin);
  }

  /** Somebody who can sign in and need not choose another password. */
  async user(role: Role, person: string | null = null, email?: string): Promise<Account & { id: string }> {
    const { account, id } = await addUser(this.api, role, person, email);
    return { ...account, id };
  }

  /** The API as somebody of the school has it. */
  async as(account: Account): Promise<Api> {
    return apiOf(account);
  }

  async person(name: string, externalId = unique("S")): Promise<string> {
    const body = { kind: "student" as const, external_id: externalId, name, is_active: true };
    return (await made(this.api.POST("/api/v1/people", { body }))).id;
  }

  /** Who has this number. */
  async idOf(number: string): Promise<string> {
    const { items } = await made(this.api.GET("/api/v1/people", { params: { query: { q: number } } }));
    const found = items.find((person) => person.external_id === number);
    if (!found) throw new Error(`nobody has the number ${number}`);
    return found.id;
  }

  /** A course with these people on its roster, and perhaps somebody who teaches it. */
  async course(title: string, people: string[], teacher?: string): Promise<string> {
    const { id } = await made(this.api.POST("/api/v1/courses", { body: { code: unique("C"), title } }));
    const path = { course_id: id };
    if (people.length > 0) {
      await made(this.api.POST("/api/v1/courses/{course_id}/roster", { params: { path }, body: { person_ids: people } }));
    }
    if (teacher) {
      const taught = { params: { path: { course_id: id, user_id: teacher } } };
      await made(this.api.PUT("/api/v1/courses/{course_id}/teachers/{user_id}", taught));
    }
    return id;
  }

  /** A session that is active. */
  async session(course: string): Promise<string> {
    const { id } = await made(this.api.POST("/api/v1/sessions", { body: { course_id: course } }));
    await made(this.api.POST("/api/v1/sessions/{session_id}/start", { params: { path: { session_id: id } } }));
    return id;
  }

  /** Sends a picture with faces to a session, and waits until they were looked at. */
  async show(session: string, picture: string): Promise<void> {
    const path = { session_id: session };
    const sent = this.api.POST("/api/v1/sessions/{session_id}/frames", {
      params: { path },
      headers: { "content-type": "image/jpeg" },
      body: readFileSync(picture) as never,
      bodySerializer: (body) => body as unknown as Buffer,
    });
    const { frame_id: id } = await made(sent);
    await until(async () => {
      const { items } = await made(this.api.GET("/api/v1/sessions/{session_id}/sightings", { params: { path, query: { limit: 200 } } }));
      return items.some((sighting) => sighting.frame_id === id) || null;
    });
  }

  /** Gives somebody's face to the system, and waits until a worker has looked at it. */
  async enroll(person: string, photos: readonly string[]): Promise<void> {
    const enrollment = await this.tryToEnroll(person, photos);
    if (enrollment.state !== "completed") throw new Error(`not enrolled: ${JSON.stringify(enrollment)}`);
  }

  /** The same, and whatever comes of it. */
  async tryToEnroll(person: string, photos: readonly string[]): Promise<components["schemas"]["Enrollment"]> {
    const form = new FormData();
    for (const photo of photos) form.append("photos", new Blob([readFileSync(photo)], { type: "image/jpeg" }), "photo.jpg");
    const sent = this.api.POST("/api/v1/people/{person_id}/enrollments", {
      params: { path: { person_id: person } },
      body: form as never,
      bodySerializer: (body) => body as unknown as FormData,
    });
    const { id } = (await made(sent)) as { id: string };
    const show = () =>
      made(this.api.GET("/api/v1/enrollments/{enrollment_id}", { params: { path: { enrollment_id: id } } }));
    return await until(async () => {
      const now = await show();
      return now.state === "pending" ? null : now;
    });
  }
}

async function addUser(
  api: Api,
  role: Role,
  person: string | null,
  email = `${unique(role)}@journey.example`,
): Promise<{ account: Account; id: string }> {
  const account = { email, password: `${unique("password")} of a ${role}` };
  const body = { ...account, role, must_change_password: false, ...(person && { person_id: person }) };
  const { id } = await made(api.POST("/api/v1/users", { body }));
  return { account, id };
}

/** What `look` finds, as soon as it finds something. */
export async function until<T>(look: () => Promise<T | null>, seconds = 90): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} seconds`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
