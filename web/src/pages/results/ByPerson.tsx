import Box from "@mui/material/Box";
import Stack from "@mui/material/Stack";
import { useTranslation } from "react-i18next";

import { PersonPicker } from "../../parts/PersonPicker";
import { useAsked } from "../../parts/asked";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { Attendance } from "../person/Attendance";
import { usePerson } from "../person/queries";

/** One person's attendance: of each course in numbers, and session by session. */
export function ByPerson() {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const id = asked.get("person") ?? "";
  const person = usePerson(id);
  return (
    <Stack spacing={2}>
      <Box sx={{ maxWidth: 420 }}>
        <PersonPicker label={t("sessions.person")} value={person.data ?? null} onChange={(somebody) => ask({ person: somebody?.id ?? "" })} />
      </Box>
      {person.error && <ProblemNote error={person.error} retry={() => void person.refetch()} />}
      {id === "" && <Empty title={t("results.choosePerson")} />}
      {id !== "" && person.isPending && <Loading />}
      {person.data && <Attendance key={id} person={person.data} />}
    </Stack>
  );
}
