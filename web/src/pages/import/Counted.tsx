import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";

import { useFormats } from "../../time/formats";

/** Numbers with what they count below. */
export function Counted({ counts }: { counts: readonly (readonly [name: string, count: number])[] }) {
  const { number } = useFormats();
  return (
    <Box sx={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(120px, 1fr))", gap: 1.5 }}>
      {counts.map(([name, count]) => (
        <Paper key={name} sx={{ p: 1.5 }}>
          <Typography sx={{ fontSize: "1.5rem", fontWeight: 650 }}>{number(count)}</Typography>
          <Typography variant="body2" color="textSecondary">
            {name}
          </Typography>
        </Paper>
      ))}
    </Box>
  );
}
