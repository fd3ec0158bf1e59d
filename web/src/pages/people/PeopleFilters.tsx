import FilterList from "@mui/icons-material/FilterList";
import Badge from "@mui/material/Badge";
import Button from "@mui/material/Button";
import Collapse from "@mui/material/Collapse";
import Grid from "@mui/material/Grid";
import MenuItem from "@mui/material/MenuItem";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { AskedText } from "../../parts/AskedText";
import { CourseSelect } from "../../parts/CourseSelect";
import { CHOICES, type Choice, FILTERS, filterCount } from "./filters";

interface Props {
  asked: URLSearchParams;
  ask: (changes: Readonly<Record<string, string>>) => void;
}

/** What the list is narrowed by. All of it is in the address. */
export function PeopleFilters({ asked, ask }: Props) {
  const { t } = useTranslation();
  const count = filterCount(asked);
  const [isOpen, setOpen] = useState(count > 0);
  const panel = useId();
  const select = (choice: Choice) => (
    <Grid size={{ xs: 6, md: 3 }}>
      <TextField
        select
        label={t(`people.filters.${choice}`)}
        value={asked.get(choice) ?? ""}
        onChange={(event) => ask({ [choice]: event.target.value })}
        slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      >
        <MenuItem value="">{t("people.allKinds")}</MenuItem>
        {CHOICES[choice].map((value) => (
          <MenuItem key={value} value={value}>
            {t(`people.choices.${choice}.${value}`)}
          </MenuItem>
        ))}
      </TextField>
    </Grid>
  );
  const text = (name: "class" | "section") => (
    <Grid size={{ xs: 6, md: 3 }}>
      <AskedText
        name={name}
        asked={asked}
        ask={ask}
        label={t(`people.${name}`)}
        slotProps={{ htmlInput: { maxLength: 64, dir: "auto" } }}
      />
    </Grid>
  );
  return (
    <Stack spacing={2} sx={{ mb: 2 }}>
      <Stack direction="row" spacing={1} sx={{ alignItems: "center" }}>
        <AskedText
          name="q"
          asked={asked}
          ask={ask}
          type="search"
          label={t("people.search")}
          slotProps={{ htmlInput: { maxLength: 100, dir: "auto" } }}
        />
        <Badge badgeContent={count} color="primary">
          <Button
            color="inherit"
            variant="outlined"
            startIcon={<FilterList />}
            aria-expanded={isOpen}
            aria-controls={panel}
            onClick={() => setOpen(!isOpen)}
            sx={{ height: 40 }}
          >
            {t("people.filter")}
          </Button>
        </Badge>
      </Stack>
      <Collapse in={isOpen} id={panel} unmountOnExit>
        <Grid container spacing={2} sx={{ pt: 1 }}>
          {select("kind")}
          {select("status")}
          {select("enrolled")}
          {select("consent")}
          {text("class")}
          {text("section")}
          <Grid size={{ xs: 12, md: 4 }}>
            <CourseSelect label={t("people.filters.course")} value={asked.get("course")} onChange={(id) => ask({ course: id ?? "" })} />
          </Grid>
          <Grid size={{ xs: 12, md: 2 }}>
            <Button
              color="inherit"
              disabled={count === 0}
              onClick={() => ask(Object.fromEntries(FILTERS.map((name) => [name, ""])))}
            >
              {t("people.clearFilters")}
            </Button>
          </Grid>
        </Grid>
      </Collapse>
    </Stack>
  );
}
