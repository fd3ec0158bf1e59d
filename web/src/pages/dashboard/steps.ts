/** What an organization has already. */
export interface Found {
  people: boolean;
  faces: boolean;
  courses: boolean;
  started: boolean;
  marks: boolean;
}

export type StepName = "people" | "faces" | "course" | "session" | "mark";

export interface Step {
  name: StepName;
  /** Where it is done. */
  path: string;
  isDone: boolean;
  /** The first that is not done. */
  isNext: boolean;
}

/** The way from nothing to the first marked attendance. */
export function steps(found: Found): Step[] {
  const all: readonly (readonly [StepName, string, boolean])[] = [
    ["people", "/people", found.people],
    ["faces", "/people?enrolled=no", found.faces],
    ["course", "/courses", found.courses],
    ["session", "/sessions", found.started],
    ["mark", "/sessions?view=list&state=active", found.marks],
  ];
  const next = all.findIndex(([, , isDone]) => !isDone);
  return all.map(([name, path, isDone], at) => ({ name, path, isDone, isNext: at === next }));
}
