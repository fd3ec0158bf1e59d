// A browser with the panel in it, which keeps an eye on what no journey may do: fail in the console, break the policy, or
// ask another host.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContext, type Page, chromium } from "playwright-core";

import ar from "../../src/i18n/words/ar.json";
import en from "../../src/i18n/words/en.json";
import { type Account, address } from "./system";

export interface Wanted {
  /** What the browser's camera shows: a file of camera.ts. */
  camera?: string;
  width?: number;
  height?: number;
  language?: "en" | "ar";
  isDark?: boolean;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Nobody is signed in yet when a page asks for the first time: the browser notes that as an error of its own. */
const EXPECTED: readonly RegExp[] = [/^resource: 401 .*\/api\/v1\/auth\/refresh$/];

export class Panel {
  /** What went wrong without anybody looking at it. */
  readonly complaints: string[] = [];
  private readonly expected: RegExp[] = [...EXPECTED];

  private constructor(
    private readonly browser: Browser,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly language: "en" | "ar",
  ) {}

  static async open(wanted: Wanted = {}): Promise<Panel> {
    const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"];
    if (wanted.camera) {
      args.push("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream");
      args.push(`--use-file-for-fake-video-capture=${wanted.camera}`);
    }
    const browser = await chromium.launch({
      executablePath: process.env.ROLLCALL_CHROMIUM ?? "/usr/bin/chromium",
      args,
    });
    const language = wanted.language ?? "en";
    const context = await browser.newContext({
      baseURL: address,
      viewport: { width: wanted.width ?? 1280, height: wanted.height ?? 800 },
      locale: language,
      colorScheme: wanted.isDark ? "dark" : "light",
    });
    context.setDefaultTimeout(30_000);
    if (wanted.camera) await context.grantPermissions(["camera"], { origin: address });
    const page = await context.newPage();
    const panel = new Panel(browser, context, page, language);
    await panel.watch();
    return panel;
  }

  private async watch(): Promise<void> {
    await this.context.exposeFunction("tellOfViolation", (what: string) => this.complain(`policy: ${what}`));
    await this.context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        const tell = (globalThis as unknown as { tellOfViolation: (what: string) => void }).tellOfViolation;
        tell(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
      });
    });
    this.context.on("weberror", (error) => this.complain(`exception: ${error.error().message}`));
    this.context.on("console", (message) => {
      // Answers are looked at below, with their address.
      if (message.text().startsWith("Failed to load resource: the server responded")) return;
      if (message.type() === "error" || message.type() === "warning") {
        this.complain(`console: ${message.text()} (${message.location().url})`);
      }
    });
    this.context.on("response", (response) => {
      if (response.status() >= 400) this.complain(`resource: ${response.status()} ${response.url()}`);
    });
    this.context.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && url.origin !== address) this.complain(`another host: ${url.href}`);
    });
    this.page.on("websocket", (socket) => {
      if (new URL(socket.url()).host !== new URL(address).host) this.complain(`another host: ${socket.url()}`);
    });
  }

  private complain(what: string): void {
    if (!this.expected.some((one) => one.test(what))) this.complaints.push(what);
  }

  /** From now on this is no complaint: `resource: 401 http://…`, `console: …`. */
  expects(what: RegExp): void {
    this.expected.push(what);
  }

  /** A word of the panel by its key, such as `account.signIn`, in the language that the panel was opened in. */
  word(key: string): string {
    let found: unknown = this.language === "ar" ? ar : en;
    for (const part of key.split(".")) found = (found as Record<string, unknown> | undefined)?.[part];
    if (typeof found !== "string") throw new Error(`there is no word ${key}`);
    return found;
  }

  /** Opens the panel at `path` and signs in. */
  async signIn(account: Account, path = "/"): Promise<void> {
    await this.page.goto(path);
    await this.page.getByLabel(this.word("account.email")).fill(account.email);
    await this.page.getByLabel(this.word("account.password")).fill(account.password);
    await this.page.getByRole("button", { name: this.word("account.signIn") }).click();
    await this.page.getByRole("button", { name: this.word("account.menu") }).waitFor();
  }

  async signOut(): Promise<void> {
    await this.page.getByRole("button", { name: this.word("account.menu") }).click();
    await this.page.getByRole("menuitem", { name: this.word("account.signOut") }).click();
    await this.page.getByRole("button", { name: this.word("account.signIn") }).waitFor();
  }

  /** Waits until nothing turns any more: what the page shows it has. */
  async settled(): Promise<void> {
    await this.page.locator("[role=progressbar]:not([aria-valuenow])").filter({ visible: true }).first().waitFor({ state: "detached" });
  }

  /** What keeps people from using the page as it is now, seriously or worse; empty where there is nothing. */
  async barriers(): Promise<string[]> {
    // Said to the browser by the debugger, which the page's policy does not bind.
    await this.page.evaluate(AXE);
    const results = (await this.page.evaluate(
      "axe.run(document, { resultTypes: ['violations'] })",
    )) as AxeResults;
    return results.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`));
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
