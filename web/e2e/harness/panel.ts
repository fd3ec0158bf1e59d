// A browser with the panel in it, which keeps an eye on what no journey may do: fail in the console, break the policy, or
// ask another host.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContext, type Locator, type Page, chromium } from "playwright-core";

import { type Account, address } from "./system";
import { type Language, type Values, wordIn } from "./words";

export interface Wanted {
  /** What the browser's camera shows: a file of camera.ts. */
  camera?: string;
  width?: number;
  height?: number;
  language?: Language;
  appearance?: "light" | "dark";
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const GUIDELINES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
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
    private readonly language: Language,
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
      colorScheme: wanted.appearance ?? "light",
      // What fades in is seen at once: nothing is looked at while it is half there.
      reducedMotion: "reduce",
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

  /** What the panel says by a key, such as `account.signIn`, in the language that it was opened in. */
  word(key: string, values: Values = {}): string {
    return wordIn(this.language, key, values);
  }

  /** A number as the panel writes it. */
  number(value: number): string {
    return new Intl.NumberFormat(this.language).format(value);
  }

  /** How many pixels the page is wider than its window. */
  async overflow(): Promise<number> {
    return Number(await this.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
  }

  /** The field with this label, whether or not it has to be filled. */
  field(label: string, within: Page | Locator = this.page): Locator {
    return within.getByLabel(new RegExp(`^${label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}[\\s*]*$`));
  }

  /** Chooses in a list that opens. */
  async choose(label: string, option: string): Promise<void> {
    await this.field(label).click();
    await this.page.getByRole("option", { name: option, exact: true }).click();
  }

  button(key: string, values: Values = {}): Locator {
    return this.page.getByRole("button", { name: this.word(key, values), exact: true });
  }

  /** Goes where the menu leads, which a phone opens first. */
  async go(key: string): Promise<void> {
    const opens = this.button("nav.open");
    if (await opens.isVisible()) await opens.click();
    const menu = this.page.getByRole("navigation", { name: this.word("nav.label") });
    await menu.getByRole("link", { name: this.word(key), exact: true }).click();
  }

  /** Gives files to the button that asks for them. */
  async give(key: string, files: Parameters<Locator["setInputFiles"]>[0]): Promise<void> {
    const [chooser] = await Promise.all([this.page.waitForEvent("filechooser"), this.button(key).click()]);
    await chooser.setFiles(files);
  }

  /** Opens the panel at `path` and signs in. */
  async signIn(account: Account, path = "/"): Promise<void> {
    await this.page.goto(path);
    await this.fillDoor(account);
  }

  /** Signs in where one is asked to. */
  async fillDoor({ email, password }: Account): Promise<void> {
    await this.field(this.word("account.email")).filter({ visible: true }).fill(email);
    await this.field(this.word("account.password")).filter({ visible: true }).fill(password);
    await this.button("account.signIn").click();
    await this.page.getByRole("button", { name: this.word("account.menu"), includeHidden: true }).filter({ visible: true }).waitFor();
  }

  async signOut(): Promise<void> {
    await this.page.getByRole("button", { name: this.word("account.menu") }).click();
    await this.page.getByRole("menuitem", { name: this.word("account.signOut") }).click();
    await this.page.getByRole("button", { name: this.word("account.signIn") }).waitFor();
  }

  /** Waits until nothing turns any more: what the page shows it has. */
  async settled(): Promise<void> {
    const turning = this.page.locator("[role=progressbar]:not([aria-valuenow])").filter({ visible: true });
    await turning.first().waitFor({ state: "detached" });
  }

  /** What keeps people from using the page as it is now: against WCAG 2.2 AA, or serious anyway. Empty where nothing does. */
  async barriers(): Promise<string[]> {
    // Said to the browser by the debugger, which the page's policy does not bind.
    if (!(await this.page.evaluate("'axe' in globalThis"))) await this.page.evaluate(AXE);
    const asked = { resultTypes: ["violations"], runOnly: { type: "tag", values: [...GUIDELINES, "best-practice"] } };
    const { violations } = (await this.page.evaluate(`axe.run(document, ${JSON.stringify(asked)})`)) as AxeResults;
    return violations
      .filter(({ impact, tags }) => impact === "serious" || impact === "critical" || tags.some((tag) => GUIDELINES.includes(tag)))
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary ?? ""} ${node.html.slice(0, 200)}`));
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
