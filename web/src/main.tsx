import "@fontsource-variable/inter";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app";
import { refresh } from "./api/session";
import { startWords } from "./i18n";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");

// Whoever was signed in before the page was loaded anew still is, by the cookie.
await Promise.all([startWords(), refresh()]);
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
