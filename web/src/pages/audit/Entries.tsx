import ExpandLess from "@mui/icons-material/ExpandLess";
import ExpandMore from "@mui/icons-material/ExpandMore";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Link from "@mui/material/Link";
import Paper from "@mui/material/Paper";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { components } from "../../api/schema";
import { Facts } from "../../parts/Facts";
import { useFormats } from "../../time/formats";
import type { Actor } from "../../auth/actorNames";

type Entry = components["schemas"]["AuditRecord"];

interface Shown {
  nameOf: (actor: Actor) => { kind: string; name: string };
  onSubject: (id: string) => void;
}

/** What a phone has no room for beside the rest, and shows below it. */
const WIDE = { display: { xs: "none", sm: "table-cell" } } as const;

export function Entries({ rows, ...shown }: Shown & { rows: readonly Entry[] }) {
  const { t } = useTranslation();
  return (
    <TableContainer component={Paper}>
      <Table size="small" aria-label={t("audit.title")}>
        <TableHead>
          <TableRow>
            <TableCell>{t("audit.at")}</TableCell>
            <TableCell>{t("audit.what")}</TableCell>
            <TableCell sx={WIDE}>{t("audit.who")}</TableCell>
            <TableCell padding="checkbox" />
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((entry) => (
            <EntryRow key={entry.sequence} entry={entry} {...shown} />
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function EntryRow({ entry, nameOf, onSubject }: Shown & { entry: Entry }) {
  const { t } = useTranslation();
  const { exact, number } = useFormats();
  const [isOpen, setOpen] = useState(false);
  const { kind, name } = nameOf(entry.actor);
  const subject = entry.subject_id;
  return (
    <>
      <TableRow hover sx={isOpen ? { "& > td": { borderBottom: 0 } } : {}}>
        <TableCell sx={{ whiteSpace: { sm: "nowrap" } }}>{exact(entry.at)}</TableCell>
        <TableCell>
          {t(`audit.actions.${entry.action}`, { defaultValue: entry.action })}
          <Typography variant="caption" color="textSecondary" component="div" sx={{ display: { sm: "none" }, overflowWrap: "anywhere" }}>
            <bdi>{name || kind}</bdi>
          </Typography>
        </TableCell>
        <TableCell sx={{ ...WIDE, overflowWrap: "anywhere" }}>
          {name ? <bdi>{name}</bdi> : kind}
          {name && entry.actor.kind !== "user" && (
            <Typography variant="caption" color="textSecondary" component="div">
              {kind}
            </Typography>
          )}
        </TableCell>
        <TableCell padding="checkbox">
          <IconButton
            size="small"
            aria-expanded={isOpen}
            aria-label={t("audit.more", { sequence: number(entry.sequence) })}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? <ExpandLess /> : <ExpandMore />}
          </IconButton>
        </TableCell>
      </TableRow>
      {isOpen && (
        <TableRow>
          <TableCell colSpan={4}>
            <Facts
              facts={[
                [t("audit.sequence"), number(entry.sequence)],
                [
                  t("audit.subject"),
                  subject ? (
                    <Link component="button" type="button" onClick={() => onSubject(subject)} dir="ltr" sx={{ textAlign: "start", overflowWrap: "anywhere" }}>
                      {subject}
                    </Link>
                  ) : (
                    t("audit.noSubject")
                  ),
                ],
                [t("audit.requestId"), entry.request_id && <code dir="ltr">{entry.request_id}</code>],
                [t("audit.hash"), <code key="hash" dir="ltr">{entry.hash}</code>],
              ]}
            />
            {Object.keys(entry.details).length > 0 && (
              <Box component="pre" dir="ltr" aria-label={t("audit.details")} sx={{ m: 0, mt: 1, whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
                {JSON.stringify(entry.details, null, 2)}
              </Box>
            )}
          </TableCell>
        </TableRow>
      )}
    </>
  );
}
