import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import LinearProgress from "@mui/material/LinearProgress";
import Link from "@mui/material/Link";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";

import type { components } from "../../api/schema";
import { useFormats } from "../../time/formats";
import { Counted } from "./Counted";
import { type EnrollmentState, tallyOf } from "./settling";
import { useSettling } from "./useSettling";

type ArchiveTaken = components["schemas"]["ArchiveTaken"];
type FolderTaken = components["schemas"]["FolderTaken"];

const COLORS = { pending: "default", completed: "success", failed: "error", duplicate_suspected: "warning" } as const;

/** What an archive came to, or would come to, folder by folder; followed until all photos were looked at. */
export function ArchiveFolders({ taken }: { taken: ArchiveTaken }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const [isNarrowed, setNarrowed] = useState(false);
  const ids = taken.folders.flatMap((folder) => folder.enrollment_id ?? []);
  const states = useSettling(ids);
  const tally = tallyOf(ids, states);
  const settled = ids.length - tally.pending;
  const needsSomebody = (folder: FolderTaken) => {
    const state = folder.enrollment_id ? states.get(folder.enrollment_id) : undefined;
    return Boolean(folder.code) || state === "failed" || state === "duplicate_suspected";
  };
  const shown = isNarrowed ? taken.folders.filter(needsSomebody) : taken.folders;
  return (
    <Stack spacing={2}>
      <Typography role="status">{taken.dry_run ? t("import.wouldHappen") : t("import.was")}</Typography>
      <Counted
        counts={
          taken.dry_run
            ? [
                [t("import.folderEnrolled"), taken.enrolled],
                [t("import.folderRefused"), taken.refused],
                [t("import.ignoredFiles"), taken.ignored_files],
              ]
            : [
                [t("enrollment.states.completed"), tally.completed],
                [t("enrollment.states.duplicate_suspected"), tally.duplicate_suspected],
                [t("enrollment.states.failed"), tally.failed],
                [t("import.folderRefused"), taken.refused],
              ]
        }
      />
      {!taken.dry_run && ids.length > 0 && (
        <Box>
          <Typography variant="body2">{t("import.settled", { settled: number(settled), total: number(ids.length) })}</Typography>
          <LinearProgress
            variant="determinate"
            value={(100 * settled) / ids.length}
            aria-label={t("import.progress")}
            sx={{ mt: 0.5, height: 8, borderRadius: 4 }}
          />
        </Box>
      )}
      {taken.ignored_files > 0 && <Alert severity="info">{t("import.ignored", { count: taken.ignored_files })}</Alert>}
      <ToggleButtonGroup
        exclusive
        size="small"
        value={isNarrowed}
        onChange={(_, next: boolean | null) => next !== null && setNarrowed(next)}
        aria-label={t("people.filter")}
      >
        <ToggleButton value={false}>{t("people.allKinds")}</ToggleButton>
        <ToggleButton value={true}>{t("import.needsYou")}</ToggleButton>
      </ToggleButtonGroup>
      {shown.length > 0 ? (
        <Paper>
          <List disablePadding>
            {shown.map((folder) => (
              <Folder key={folder.folder} folder={folder} isDryRun={taken.dry_run} state={folder.enrollment_id ? (states.get(folder.enrollment_id) ?? "pending") : null} />
            ))}
          </List>
        </Paper>
      ) : (
        <Typography color="textSecondary">{t("import.nothingNeedsYou")}</Typography>
      )}
    </Stack>
  );
}

function Folder({ folder, isDryRun, state }: { folder: FolderTaken; isDryRun: boolean; state: EnrollmentState | null }) {
  const { t, i18n } = useTranslation();
  const code = `import.folderCodes.${folder.code}`;
  const name = <bdi>{folder.folder}</bdi>;
  return (
    <ListItem divider sx={{ "&:last-child": { borderBottom: 0 } }}>
      <Stack direction="row" spacing={1} sx={{ width: "100%", justifyContent: "space-between", alignItems: "center" }}>
        <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
          {folder.person_id && folder.enrollment_id ? (
            <Link component={RouterLink} to={`/people/${folder.person_id}?tab=face`} underline="hover" sx={{ fontWeight: 600 }}>
              {name}
            </Link>
          ) : (
            <Typography sx={{ fontWeight: 600 }}>{name}</Typography>
          )}
          <Typography variant="body2" color="textSecondary">
            {[
              t("import.photoCount", { count: folder.photos }),
              folder.unreadable > 0 && t("import.unreadable", { count: folder.unreadable }),
              folder.registered && (isDryRun ? t("import.wouldRegister") : t("import.registered")),
            ]
              .filter(Boolean)
              .join(" · ")}
          </Typography>
          {folder.code && <Typography variant="body2">{i18n.exists(code) ? t(code) : folder.detail}</Typography>}
        </Box>
        {folder.code ? (
          <Chip size="small" variant="outlined" color="error" label={t("import.refused")} />
        ) : state ? (
          <Chip size="small" variant="outlined" color={COLORS[state]} label={t(`enrollment.states.${state}`)} />
        ) : (
          <Chip size="small" variant="outlined" label={t("import.wouldEnroll")} />
        )}
      </Stack>
    </ListItem>
  );
}
