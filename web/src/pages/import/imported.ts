// What an import came to. The document has two things called `Counts` and shows the wrong one here: these are the
// numbers that the API sends (docs/API.md, "Importing rosters").

import type { components } from "../../api/schema";

type ImportProblem = components["schemas"]["ImportProblem"];

export interface Rows {
  created: number;
  updated: number;
  unchanged: number;
}

export interface PeopleImported extends Rows {
  dry_run: boolean;
  problems: ImportProblem[];
}

export interface RosterImported {
  dry_run: boolean;
  people: Rows;
  courses: Rows;
  roster_added: number;
  roster_removed: number;
  teachers_added: number;
  teachers_removed: number;
  teachers_unknown: number;
  problems: ImportProblem[];
}
