import Alert from "@mui/material/Alert";
import Grid from "@mui/material/Grid";
import MenuItem from "@mui/material/MenuItem";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { Section } from "../../parts/Section";
import { CHOICES } from "../people/filters";
import { FIELDS, type Field, type Reading, guessColumns, lacks } from "./mapping";
import { ENCODINGS, type Preview, SEPARATORS, decode, preview } from "./table";

interface Props {
  bytes: Uint8Array;
  name: string;
  reading: Reading;
  onChange: (reading: Reading) => void;
}

/** Which column is what, beside the first rows of the table. */
export function ColumnMapping({ bytes, name, reading, onChange }: Props) {
  const { t } = useTranslation();
  const seen = useMemo(() => preview(decode(bytes, reading.encoding), reading.separator), [bytes, reading.encoding, reading.separator]);
  // Columns are called otherwise when the table is read otherwise.
  const reread = (change: Partial<Reading>) => {
    const next = { ...reading, ...change };
    onChange({ ...next, columns: guessColumns(preview(decode(bytes, next.encoding), next.separator).heading) });
  };
  const headings = [...new Set(seen.heading)].filter(Boolean);
  const missing = lacks(reading.columns);
  const column = (field: Field) => (
    <Grid key={field} size={{ xs: 12, sm: 6, md: 4 }}>
      <TextField
        select
        label={t(`import.fields.${field}`)}
        required={field === "external_id"}
        error={field === "external_id" && missing.includes("external_id")}
        value={headings.includes(reading.columns[field] ?? "") ? reading.columns[field] : ""}
        onChange={(event) => {
          const columns = { ...reading.columns };
          if (event.target.value) columns[field] = event.target.value;
          else delete columns[field];
          onChange({ ...reading, columns });
        }}
        slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      >
        <MenuItem value="">
          <Typography component="span" color="textSecondary">
            {t("import.noColumn")}
          </Typography>
        </MenuItem>
        {headings.map((heading) => (
          <MenuItem key={heading} value={heading} dir="auto">
            {heading}
          </MenuItem>
        ))}
      </TextField>
    </Grid>
  );
  return (
    <Stack spacing={3}>
      <Section title={t("import.firstRows", { name })}>
        <PreviewTable seen={seen} />
        <Stack direction={{ xs: "column", sm: "row" }} spacing={2} sx={{ mt: 3 }}>
          <TextField select label={t("import.separator")} value={seen.separator} onChange={(event) => reread({ separator: event.target.value })}>
            {SEPARATORS.map((one, index) => (
              <MenuItem key={one} value={one}>
                {t(`import.separators.${index}`)}
              </MenuItem>
            ))}
          </TextField>
          <TextField
            select
            label={t("import.encoding")}
            helperText={t("import.encodingHint")}
            value={reading.encoding || ENCODINGS[0]}
            onChange={(event) => reread({ encoding: event.target.value === ENCODINGS[0] ? "" : event.target.value })}
          >
            {ENCODINGS.map((one) => (
              <MenuItem key={one} value={one}>
                {t(`import.encodings.${one}`)}
              </MenuItem>
            ))}
          </TextField>
        </Stack>
      </Section>
      <Section title={t("import.which")}>
        <Stack spacing={2}>
          <Grid container spacing={2}>
            {FIELDS.map(column)}
          </Grid>
          {missing.map((lack) => (
            <Alert key={lack} severity={lack === "name" ? "info" : "warning"}>
              {t(`import.lacks.${lack}`)}
            </Alert>
          ))}
        </Stack>
      </Section>
      <Section title={t("import.otherwise")}>
        <Typography variant="body2" color="textSecondary" sx={{ mb: 2 }}>
          {t("import.otherwiseWhat")}
        </Typography>
        <Stack direction={{ xs: "column", sm: "row" }} spacing={2}>
          <TextField
            select
            label={t("people.kind")}
            value={reading.defaults.kind}
            onChange={(event) =>
              onChange({ ...reading, defaults: { ...reading.defaults, kind: event.target.value as Reading["defaults"]["kind"] } })
            }
          >
            {CHOICES.kind.map((kind) => (
              <MenuItem key={kind} value={kind}>
                {t(`people.kinds.${kind}`)}
              </MenuItem>
            ))}
          </TextField>
          {(["class", "section"] as const).map((field) => (
            <TextField
              key={field}
              label={t(`people.${field}`)}
              value={reading.defaults[field]}
              onChange={(event) => onChange({ ...reading, defaults: { ...reading.defaults, [field]: event.target.value } })}
              slotProps={{ htmlInput: { maxLength: 64, dir: "auto" } }}
            />
          ))}
        </Stack>
      </Section>
    </Stack>
  );
}

function PreviewTable({ seen }: { seen: Preview }) {
  const { t } = useTranslation();
  if (seen.heading.length === 0) return <Alert severity="warning">{t("import.emptyTable")}</Alert>;
  return (
    <TableContainer component={Paper} tabIndex={0} aria-label={t("import.preview")}>
      <Table size="small">
        <TableHead>
          <TableRow>
            {seen.heading.map((heading, index) => (
              <TableCell key={`${index} ${heading}`} dir="auto" sx={{ whiteSpace: "nowrap" }}>
                {heading}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {seen.rows.map((row, line) => (
            <TableRow key={`${line} ${row.join(" ")}`}>
              {seen.heading.map((heading, index) => (
                <TableCell key={`${index} ${heading}`} dir="auto" sx={{ whiteSpace: "nowrap", maxWidth: 240, overflow: "hidden", textOverflow: "ellipsis" }}>
                  {row[index]}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
