import Box from "@mui/material/Box";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";

import { CopyButton } from "./CopyButton";

/** Something to be copied as it is: a key, a command. */
export function CopyText({ name, text }: { name: string; text: string }) {
  return (
    <Box>
      <Stack direction="row" sx={{ justifyContent: "space-between", alignItems: "center" }}>
        <Typography variant="body2" sx={{ fontWeight: 650 }}>
          {name}
        </Typography>
        <CopyButton text={text} />
      </Stack>
      <Box
        component="pre"
        dir="ltr"
        tabIndex={0}
        aria-label={name}
        sx={{ m: 0, p: 1.5, borderRadius: 1, bgcolor: "action.hover", overflow: "auto", whiteSpace: "pre-wrap", overflowWrap: "anywhere", fontSize: "0.85rem" }}
      >
        {text}
      </Box>
    </Box>
  );
}
