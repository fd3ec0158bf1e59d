import { journey } from "../harness/journey";
import { attendanceOfATerm } from "../steps/term";

journey("the same in Arabic, on a phone", (travel) =>
  attendanceOfATerm(travel, { language: "ar", width: 360, height: 740 }),
);
