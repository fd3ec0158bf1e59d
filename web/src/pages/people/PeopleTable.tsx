import Checkbox from "@mui/material/Checkbox";
import Link from "@mui/material/Link";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemText from "@mui/material/ListItemText";
import Paper from "@mui/material/Paper";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";

import { ConsentCell, FaceCell, StatusChip } from "./chips";
import type { Person } from "./personFields";

interface Props {
  rows: readonly Person[];
  /** Ids of those whose face is enrolled. */
  enrolled: ReadonlySet<string>;
  selected: ReadonlySet<string>;
  onSelect: (ids: readonly string[], isSelected: boolean) => void;
}

/** A table where there is room for one, else a list. */
export function PeopleTable(props: Props) {
  const isNarrow = useMediaQuery((theme) => theme.breakpoints.down("sm"));
  return isNarrow ? <Narrow {...props} /> : <Wide {...props} />;
}

function inClass(person: Person): string {
  return [person.class, person.section].filter(Boolean).join(" ");
}

function Wide({ rows, enrolled, selected, onSelect }: Props) {
  const { t } = useTranslation();
  const all = rows.every((person) => selected.has(person.id));
  const some = rows.some((person) => selected.has(person.id));
  return (
    <TableContainer component={Paper}>
      <Table size="small" aria-label={t("people.title")}>
        <TableHead>
          <TableRow>
            <TableCell padding="checkbox">
              <Checkbox
                checked={all}
                indeterminate={some && !all}
                onChange={() =>
                  onSelect(
                    rows.map((person) => person.id),
                    !all,
                  )
                }
                slotProps={{ input: { "aria-label": t("people.selectAll") } }}
              />
            </TableCell>
            <TableCell>{t("people.name")}</TableCell>
            <TableCell>{t("people.externalId")}</TableCell>
            <TableCell>{t("people.kind")}</TableCell>
            <TableCell>{t("people.class")}</TableCell>
            <TableCell>{t("people.filters.enrolled")}</TableCell>
            <TableCell>{t("people.filters.consent")}</TableCell>
            <TableCell>{t("people.status")}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((person) => (
            <TableRow key={person.id} hover selected={selected.has(person.id)}>
              <TableCell padding="checkbox">
                <Select person={person} selected={selected} onSelect={onSelect} />
              </TableCell>
              <TableCell>
                <Link component={RouterLink} to={`/people/${person.id}`} underline="hover" sx={{ fontWeight: 600 }}>
                  <bdi>{person.name}</bdi>
                </Link>
              </TableCell>
              <TableCell>
                <bdi dir="ltr">{person.external_id}</bdi>
              </TableCell>
              <TableCell>{t(`people.kinds.${person.kind}`)}</TableCell>
              <TableCell>
                <bdi>{inClass(person)}</bdi>
              </TableCell>
              <TableCell>
                <FaceCell isEnrolled={enrolled.has(person.id)} />
              </TableCell>
              <TableCell>
                <ConsentCell consent={person.consent} />
              </TableCell>
              <TableCell>
                <StatusChip isActive={person.is_active} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function Narrow({ rows, enrolled, selected, onSelect }: Props) {
  const { t } = useTranslation();
  return (
    <Paper>
      <List disablePadding aria-label={t("people.title")}>
        {rows.map((person) => (
          <ListItem
            key={person.id}
            disablePadding
            divider
            secondaryAction={!person.is_active && <StatusChip isActive={false} />}
            sx={{ "&:last-child": { borderBottom: 0 } }}
          >
            <Select person={person} selected={selected} onSelect={onSelect} />
            <ListItemButton component={RouterLink} to={`/people/${person.id}`} sx={{ ps: 0.5 }}>
              <ListItemText
                primary={<bdi>{person.name}</bdi>}
                secondary={
                  <>
                    <bdi dir="ltr">{person.external_id}</bdi>
                    {inClass(person) && (
                      <>
                        {" · "}
                        <bdi>{inClass(person)}</bdi>
                      </>
                    )}
                    {!enrolled.has(person.id) && ` · ${t("people.choices.enrolled.no")}`}
                  </>
                }
              />
            </ListItemButton>
          </ListItem>
        ))}
      </List>
    </Paper>
  );
}

function Select({ person, selected, onSelect }: Omit<Props, "rows" | "enrolled"> & { person: Person }) {
  const { t } = useTranslation();
  return (
    <Checkbox
      checked={selected.has(person.id)}
      onChange={(_, checked) => onSelect([person.id], checked)}
      slotProps={{ input: { "aria-label": t("people.select", { name: person.name }) } }}
    />
  );
}
