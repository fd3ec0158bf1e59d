import Link from "@mui/material/Link";
import Stack from "@mui/material/Stack";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Facts } from "../../parts/Facts";
import { Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { useTemplates } from "./queries";
import { type Template, keptOf } from "./kept";

/** Whether somebody is enrolled, and what is kept of the face: never the numbers themselves. */
export function Templates({ personId }: { personId: string }) {
  const { t } = useTranslation();
  const { number, dateTime } = useFormats();
  const templates = useTemplates(personId);
  const [isOpen, setOpen] = useState(false);
  if (templates.error) return <ProblemNote error={templates.error} retry={() => void templates.refetch()} />;
  if (!templates.data) return <Loading />;
  if (templates.data.count === 0) return <Typography>{t("person.face.no")}</Typography>;
  const kept = keptOf(templates.data.items);
  return (
    <Stack spacing={2}>
      <Facts
        facts={[
          [t("person.face.state"), t("person.face.yes")],
          [t("person.face.templates"), number(templates.data.count)],
          [t("person.face.quality"), kept.best !== null && t("person.face.qualityOf", { best: number(Math.round(kept.best)) })],
          [t("person.face.last"), kept.last && dateTime(kept.last)],
          [t("person.face.contract"), kept.contracts.map((one) => <bdi key={one} dir="ltr">{one}</bdi>)],
        ]}
      />
      <Link component="button" type="button" variant="body2" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} sx={{ alignSelf: "flex-start" }}>
        {t(isOpen ? "person.face.fewer" : "person.face.each")}
      </Link>
      {isOpen && <Each templates={templates.data.items} />}
    </Stack>
  );
}

function Each({ templates }: { templates: readonly Template[] }) {
  const { t } = useTranslation();
  const { number, dateTime } = useFormats();
  return (
    <TableContainer>
      <Table size="small" aria-label={t("person.face.templates")}>
        <TableHead>
          <TableRow>
            <TableCell>{t("person.face.origin")}</TableCell>
            <TableCell align="right">{t("person.face.qualityOne")}</TableCell>
            <TableCell>{t("person.face.made")}</TableCell>
            <TableCell>{t("person.face.contract")}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {templates.map((one) => (
            <TableRow key={one.id}>
              <TableCell>{t(`person.face.origins.${one.origin}`)}</TableCell>
              <TableCell align="right">{number(Math.round(one.quality))}</TableCell>
              <TableCell>{dateTime(one.created_at)}</TableCell>
              <TableCell>
                <bdi dir="ltr">{one.contract}</bdi>
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
