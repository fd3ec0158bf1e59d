import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../../api/problem";
import { ProblemNote } from "../../parts/states";
import { GreetingCard } from "./GreetingCard";
import { type Direction, checkIn } from "./api";
import { GOOD_STAYS, refusal } from "./greeting";
import type { ScreenProps } from "./screen";

/** What somebody typed and left is gone after this, in milliseconds. */
const FORGET = 30_000;
/** Refusals with words of their own here. */
const SAID = ["wrong_pin", "too_many_attempts", "not_on_roster", "outside_hours", "not_checked_in", "session_not_active"];

/** For whoever does not want their face to be looked at, or whose face is not known. */
export function KioskPin({ passKey, sessionId, onNoKey }: ScreenProps) {
  const { t } = useTranslation();
  const [number, setNumber] = useState("");
  const [pin, setPin] = useState("");
  const first = useRef<HTMLInputElement>(null);
  const send = useMutation({
    mutationFn: (direction: Direction) => checkIn(passKey, sessionId, { external_id: number, pin, direction }),
    onSuccess: () => {
      setNumber("");
      setPin("");
      first.current?.focus();
    },
    onError: (error) => {
      setPin("");
      if (refusal(error).isOver && !(error instanceof Problem && SAID.includes(error.code))) onNoKey();
    },
  });
  const { reset } = send;
  useEffect(() => {
    if (!send.isSuccess) return undefined;
    const timer = setTimeout(reset, GOOD_STAYS);
    return () => clearTimeout(timer);
  }, [send.isSuccess, reset]);
  useEffect(() => {
    if (!number && !pin) return undefined;
    const timer = setTimeout(() => {
      setNumber("");
      setPin("");
      reset();
    }, FORGET);
    return () => clearTimeout(timer);
  }, [number, pin, reset]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate("in");
  };
  const code = send.error instanceof Problem ? send.error.code : null;
  const done = send.data?.attendance;
  return (
    <Stack component="form" spacing={2} onSubmit={submit} sx={{ width: "100%", maxWidth: 420 }}>
      <TextField
        label={t("kiosk.number")}
        required
        autoFocus
        autoComplete="off"
        size="medium"
        value={number}
        inputRef={first}
        onChange={(event) => {
          if (!send.isIdle) reset();
          setNumber(event.target.value);
        }}
        slotProps={{ htmlInput: { dir: "ltr", autoCapitalize: "off", spellCheck: false, style: { fontSize: "1.4rem" } } }}
      />
      <TextField
        label={t("kiosk.pin")}
        type="password"
        required
        autoComplete="off"
        size="medium"
        value={pin}
        onChange={(event) => setPin(event.target.value.replaceAll(/\D/g, ""))}
        slotProps={{ htmlInput: { inputMode: "numeric", minLength: 4, maxLength: 8, dir: "ltr", style: { fontSize: "1.4rem", letterSpacing: "0.3em" } } }}
      />
      <Stack direction="row" spacing={2}>
        <Button type="submit" size="large" variant="contained" fullWidth loading={send.isPending && send.variables === "in"}>
          {t("kiosk.come")}
        </Button>
        <Button
          type="button"
          size="large"
          variant="outlined"
          fullWidth
          disabled={!number || pin.length < 4}
          loading={send.isPending && send.variables === "out"}
          onClick={() => send.mutate("out")}
        >
          {t("kiosk.go")}
        </Button>
      </Stack>
      <div role="status" aria-live="polite">
        {done && (
          <GreetingCard
            greeting={{
              word: send.variables === "out" ? "goodbye" : "welcome",
              isGood: true,
              name: done.name,
              attendance: done.state ?? null,
              at: (send.variables === "out" ? done.checked_out_at : done.first_seen_at) ?? null,
            }}
          />
        )}
        {send.error && (code && SAID.includes(code) ? <Alert severity="warning">{t(`kiosk.refused.${code}`)}</Alert> : <ProblemNote error={send.error} />)}
      </div>
    </Stack>
  );
}
