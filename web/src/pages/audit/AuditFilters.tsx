import Autocomplete from "@mui/material/Autocomplete";
import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useTranslation } from "react-i18next";

import type { User } from "../../auth/user";
import { AskedText } from "../../parts/AskedText";
import { ACTIONS } from "./actions";
import { isNoId } from "./filters";

interface Props {
  asked: URLSearchParams;
  ask: (changes: Readonly<Record<string, string>>) => void;
  users: readonly User[];
}

export function AuditFilters({ asked, ask, users }: Props) {
  const { t } = useTranslation();
  const action = ACTIONS.find((one) => one === asked.get("action")) ?? null;
  const subject = asked.get("subject") ?? "";
  return (
    <Box
      sx={{
        display: "grid",
        gap: 2,
        mb: 2,
        gridTemplateColumns: "repeat(auto-fill, minmax(min(190px, 100%), 1fr))",
      }}
    >
      <Autocomplete
        options={ACTIONS}
        value={action}
        getOptionLabel={(one) => t(`audit.actions.${one}`)}
        onChange={(_, one) => ask({ action: one ?? "" })}
        renderInput={(params) => <TextField {...params} label={t("audit.action")} placeholder={t("audit.allActions")} />}
      />
      <TextField
        select
        label={t("audit.actor")}
        value={users.some((user) => user.id === asked.get("actor")) ? asked.get("actor") : ""}
        onChange={(event) => ask({ actor: event.target.value })}
        slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      >
        <MenuItem value="">{t("audit.anybody")}</MenuItem>
        {users.map((user) => (
          <MenuItem key={user.id} value={user.id}>
            <bdi>{user.email}</bdi>
          </MenuItem>
        ))}
      </TextField>
      {(["from", "to"] as const).map((end) => (
        <TextField
          key={end}
          type="date"
          label={t(`audit.${end}`)}
          value={asked.get(end) ?? ""}
          onChange={(event) => ask({ [end]: event.target.value })}
          slotProps={{ inputLabel: { shrink: true } }}
        />
      ))}
      <AskedText
        label={t("audit.subjectId")}
        name="subject"
        asked={asked}
        ask={ask}
        error={isNoId(subject)}
        slotProps={{ htmlInput: { dir: "ltr", spellCheck: false } }}
      />
    </Box>
  );
}
