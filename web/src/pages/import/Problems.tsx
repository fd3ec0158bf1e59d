import Alert from "@mui/material/Alert";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import type { components } from "../../api/schema";
import { useFormats } from "../../time/formats";

type ImportProblem = components["schemas"]["ImportProblem"];

/** What is wrong with a file, row by row. */
export function Problems({ problems }: { problems: readonly ImportProblem[] }) {
  const { t, i18n } = useTranslation();
  const { number } = useFormats();
  const hasFiles = problems.some((problem) => problem.file);
  const inOrder = problems.toSorted((a, b) => (a.file ?? "").localeCompare(b.file ?? "") || a.line - b.line);
  return (
    <Stack spacing={2}>
      <Alert severity="error">
        <Typography sx={{ fontWeight: 650 }}>{t("import.problems", { count: problems.length })}</Typography>
        {t("import.problemsWhat")}
      </Alert>
      <TableContainer component={Paper} sx={{ maxHeight: 480 }} tabIndex={0} aria-label={t("import.problemsTitle")}>
        <Table size="small" stickyHeader>
          <TableHead>
            <TableRow>
              {hasFiles && <TableCell>{t("import.file")}</TableCell>}
              <TableCell>{t("import.line")}</TableCell>
              <TableCell>{t("import.column")}</TableCell>
              <TableCell>{t("import.wrong")}</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {inOrder.map((problem, index) => (
              <TableRow key={`${index} ${problem.line}`}>
                {hasFiles && (
                  <TableCell>
                    <bdi dir="ltr">{problem.file}</bdi>
                  </TableCell>
                )}
                <TableCell>{problem.line > 0 ? number(problem.line) : t("import.wholeFile")}</TableCell>
                <TableCell>
                  <bdi>{problem.column}</bdi>
                </TableCell>
                <TableCell>
                  {i18n.exists(`import.codes.${problem.code}`) && (
                    <Typography variant="body2">{t(`import.codes.${problem.code}`)}</Typography>
                  )}
                  <Typography variant="body2" color="textSecondary">
                    <bdi>{problem.detail}</bdi>
                  </Typography>
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableContainer>
    </Stack>
  );
}

/** Problems out of an import that was refused after all: `/line/column`, or `/file/line/column`. */
export function problemsOf(errors: readonly components["schemas"]["FieldError"][]): ImportProblem[] {
  return errors.map(({ pointer, code, detail }) => {
    const parts = pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    const hasFile = parts.length > 2;
    const [line, column] = hasFile ? parts.slice(1) : parts;
    return { file: hasFile ? (parts[0] ?? null) : null, line: Number(line) || 0, column: column ?? null, code, detail };
  });
}
