import Download from "@mui/icons-material/Download";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api } from "../../api/client";
import { saveFile } from "../../parts/saveFile";
import { ProblemNote } from "../../parts/states";

type Format = "csv" | "xlsx";

export type Exported = { kind: "session"; id: string } | { kind: "course"; id: string; from: string; to: string };

/** Takes attendance away in a file. */
export function ExportButtons({ what, name }: { what: Exported; name: string }) {
  const { t } = useTranslation();
  const take = useMutation({
    mutationFn: async (format: Format) => saveFile(`${name}.${format}`, await fetchFile(what, format)),
  });
  return (
    <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: "wrap" }}>
      {(["xlsx", "csv"] as const).map((format) => (
        <Button key={format} startIcon={<Download />} onClick={() => take.mutate(format)} loading={take.isPending && take.variables === format}>
          {t(`results.${format}`)}
        </Button>
      ))}
      {take.error && <ProblemNote error={take.error} />}
    </Stack>
  );
}

async function fetchFile(what: Exported, format: Format): Promise<Blob> {
  // The document says more of this type than it can hold. With the mark, Excel reads it right.
  const query = { format: format as never, ...(format === "csv" && { bom: true }) };
  const answer =
    what.kind === "session"
      ? await api.GET("/api/v1/sessions/{session_id}/attendance/export", { params: { path: { session_id: what.id }, query }, parseAs: "blob" })
      : await api.GET("/api/v1/courses/{course_id}/attendance/export", {
          params: { path: { course_id: what.id }, query: { ...query, ...(what.from && { from: what.from }), ...(what.to && { to: what.to }) } },
          parseAs: "blob",
        });
  return answer.data ?? new Blob();
}
