import CloudUpload from "@mui/icons-material/CloudUpload";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { type DragEvent, useRef, useState } from "react";

interface Props {
  /** What the button says. */
  label: string;
  /** What may be dropped here. */
  hint: string;
  accept: string;
  multiple?: boolean;
  disabled?: boolean;
  onFiles: (files: readonly File[]) => void;
}

/** Where files are dropped, or chosen with the button (or on a phone taken with its camera). */
export function DropArea({ label, hint, accept, multiple = false, disabled = false, onFiles }: Props) {
  const input = useRef<HTMLInputElement | null>(null);
  const [isOver, setOver] = useState(false);
  const take = (list: FileList | null) => {
    const files = [...(list ?? [])];
    if (files.length > 0 && !disabled) onFiles(multiple ? files : files.slice(0, 1));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <Box
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      sx={{
        border: 2,
        borderStyle: "dashed",
        borderColor: isOver ? "primary.main" : "divider",
        bgcolor: isOver ? "action.hover" : "transparent",
        borderRadius: 1,
        p: { xs: 2, sm: 4 },
      }}
    >
      <Stack spacing={1.5} sx={{ alignItems: "center", textAlign: "center" }}>
        <Button variant="contained" startIcon={<CloudUpload />} disabled={disabled} onClick={() => input.current?.click()}>
          {label}
        </Button>
        <input
          ref={input}
          hidden
          type="file"
          accept={accept}
          multiple={multiple}
          onChange={(event) => {
            take(event.target.files);
            // The same file may be chosen again.
            event.target.value = "";
          }}
        />
        <Typography variant="body2" color="textSecondary">
          {hint}
        </Typography>
      </Stack>
    </Box>
  );
}
