import { journey } from "../harness/journey";
import { attendanceOfATerm } from "../steps/term";

journey("people are imported, enrolled, seen by the camera, corrected and missed", (travel) => attendanceOfATerm(travel, {}));
