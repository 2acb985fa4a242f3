// The report and the status page in headless Chromium: figures drawn, no complaint in the console, light and dark, phone and desk.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const vaster = process.env.VASTER_PROGRAM;
const shots = path.join(process.cwd(), "screenshots");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vaster-browser-"));
const patience = 120000; // ms; what takes longer hangs
const screens = [
  { colorScheme: "light", width: 1400, height: 900 },
  { colorScheme: "light", width: 390, height: 844 },
  { colorScheme: "dark", width: 1400, height: 900 },
  { colorScheme: "dark", width: 390, height: 844 },
];
let browser;

function run_to(code, ...words) {
  const done = spawnSync(vaster, words, { cwd: folder, encoding: "utf8", timeout: patience });
  assert.equal(done.status, code, `vaster ${words.join(" ")}\n${done.stdout}${done.stderr}`);
}

function run(...words) {
  run_to(0, ...words);
}

before(async () => {
  fs.rmSync(shots, { recursive: true, force: true });
  fs.mkdirSync(shots, { recursive: true });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  // A comparison with every section of the report, and names that mean something in HTML.
  run("simulate", "--deaths", "1500", "--format", "encoded", "--output", "cohort.csv");
  const cohort = fs.readFileSync(path.join(folder, "cohort.csv"), "utf8").replaceAll("AP,", "<b>A&P</b></script>,");
  fs.writeFileSync(path.join(folder, "cohort.csv"), cohort);
  run("run", "--data", "cohort.csv", "--format", "encoded", "--models", "naive_bayes,insilico", "--bootstrap", "2",
    "--set", "models.insilico.iterations=400", "--set", "models.insilico.starts=2", "--sites", "<b>A&P</b></script>,Dar",
    "--quiet", "--output", "study.h5");
  run("report", "study.h5", "--figures", "none");
});

after(async () => {
  if (browser) await browser.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** A page that collects everything a reader would find in the console. */
async function open(screen, address, options = {}) {
  const { colorScheme, width, height } = screen;
  const context = await browser.newContext({ colorScheme, viewport: { width, height }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!/^(file|blob|data):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(address);
  return { page, context, complaints };
}

/** Everything on the page in one picture; a window as tall as the page, for the browser takes no taller ones. */
async function shoot(page, name, screen) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: screen.width, height: Math.min(height, 16000) });
  await page.screenshot({ path: path.join(shots, `${name}-${screen.colorScheme}-${screen.width}.png`) });
}

async function check_no_sideways_scroll(page) {
  const [wide, window_width] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= window_width, `the page is ${wide} px wide in a window of ${window_width} px`);
}

/** Every figure has marks and some size. */
async function check_figures(page, least) {
  const figures = await page.$$eval("[data-figure]", (places) =>
    places.map((place) => {
      const svg = place.querySelector("svg.marks");
      const box = svg ? svg.getBoundingClientRect() : { width: 0, height: 0 };
      return { id: place.dataset.figure, marks: svg ? svg.querySelectorAll("[role='graphics-symbol']").length : 0, ...{ width: box.width, height: box.height } };
    }));
  assert.ok(figures.length >= least, `${figures.length} figures`);
  for (const { id, marks, width, height } of figures)
    assert.ok(marks > 0 && width > 100 && height > 30, `${id}: ${marks} marks in ${width} x ${height}`);
}

const report = `file://${folder}/study-report/index.html`;
const is_drawn = () => document.documentElement.dataset.drawn === "yes";

for (const screen of screens) {
  test(`the report draws every figure: ${screen.colorScheme}, ${screen.width} px`, async () => {
    const { page, context, complaints } = await open(screen, report);
    await page.waitForFunction(is_drawn);
    await check_figures(page, 20);
    assert.equal(await page.locator("#gaps-cod_accuracy [stroke-dasharray]").count(), 1, "no line at nought");
    assert.deepEqual(complaints, []);
    await check_no_sideways_scroll(page);
    const [paper, ink] = await page.evaluate(() => {
      const style = getComputedStyle(document.body);
      return [style.backgroundColor, style.color].map((text) => text.match(/\d+/g).slice(0, 3).reduce((sum, n) => sum + Number(n), 0));
    });
    assert.equal(paper > ink, screen.colorScheme === "light");
    await shoot(page, "report", screen);
    await context.close();
  });
}

test("the report of strategies that evolve draws every figure, and shows the window that is chosen", async () => {
  run("run", "--set", "study.kind=evolve", "--set", "data.simulated=regimes", "--set", "data.bars=3000", "--set",
    "evolution.population=12", "--set", "evolution.generations=4", "--set", "validation.windows=2", "--quiet", "--output", "evolve.h5");
  run("report", "evolve.h5", "--figures", "none");
  const { page, context, complaints } = await open(screens[3], `file://${folder}/evolve-report/index.html`);
  await page.waitForFunction(is_drawn);
  await check_figures(page, 12);
  const cells = "#seed-shares svg .mark-rect path";
  const shown = (where) => [...document.querySelectorAll(where)].map((one) => one.getAttribute("aria-label")).join();
  const first = await page.evaluate(shown, cells);
  await page.selectOption("#seed-shares select[name=window]", "1");
  await page.waitForFunction(([where, old]) =>
    [...document.querySelectorAll(where)].map((one) => one.getAttribute("aria-label")).join() !== old, [cells, first]);
  assert.deepEqual(complaints, []);
  await check_no_sideways_scroll(page);
  await shoot(page, "report-evolve", screens[3]);
  await context.close();
});

/** The report of a study on a phone: its figures, and nothing to complain of. `look` gets the page. */
async function check_report(name, figures, look) {
  run("report", `${name}.h5`, "--figures", "none");
  const { page, context, complaints } = await open(screens[3], `file://${folder}/${name}-report/index.html`);
  await page.waitForFunction(is_drawn);
  for (const figure of figures) assert.equal(await page.locator(`#${figure} svg.marks`).count(), 1, figure);
  await check_figures(page, figures.length);
  await look(page);
  assert.deepEqual(complaints, []);
  await check_no_sideways_scroll(page);
  await shoot(page, `report-${name}`, screens[3]);
  await context.close();
}

test("the report of a stream's rates and peaks draws every figure", async () => {
  run("stream", "simulate", "SYS", "--records", "4000", "--output", "city.csv");
  const short = ["--data-set", "SYS", "--set", "latency.warm_up=0s", "--quiet"];
  run("stream", "rate", "KAL", "city.csv", ...short, "--rates", "1000,2000,5000000", "--set", "rate.seconds=500ms", "--study", "rates.h5");
  run("stream", "peak", "KAL", "city.csv", ...short, "--workers", "1,2", "--set", "peak.seconds=500ms", "--set", "peak.repeats=1", "--study", "peaks.h5");
  for (const [name, figures] of [["rates", ["job-rates", "latency-curves", "backlog"]], ["peaks", ["job-rates", "peak-bars", "peaks-by-workers"]]]) {
    await check_report(name, figures, () => {});
  }
});

test("the report of jobs draws what ran where, and shows what a failed job printed as text", async () => {
  fs.writeFileSync(path.join(folder, "work.toml"), `[defaults]
retries = 0
[[job]]
name = "part{i}"
foreach.i = [1, 2, 3]
command = "true"
[[job]]
name = "broken"
command = "echo '<b>no table</b>' >&2; exit 3"
[[job]]
name = "sum"
command = "true"
after = ["broken"]
`);
  run_to(75, "jobs", "run", "work.toml", "--quiet");
  await check_report("work", ["jobs-by-state", "job-troubles", "attempts-by-rank"], async (page) => {
    assert.equal(await page.locator("#attempts-by-rank svg .mark-rect path").count(), 4);
    assert.ok((await page.textContent("main")).includes("5 jobs: 3 done, 1 failed, 1 skipped."));
    const listing = page.locator("#unfinished-jobs details pre");
    assert.equal(await listing.isVisible(), false);
    await page.click("text=What the failed jobs printed last");
    assert.ok(await listing.isVisible());
    assert.ok((await listing.textContent()).includes("work.out/000004.1.err\n<b>no table</b>\n"));
    assert.equal(await page.locator("#unfinished-jobs b").count(), 0);
  });
});

test("the report of problems draws their outcomes, and shows solutions", async (t) => {
  fs.writeFileSync(path.join(folder, "diet.lp"), "Minimize\n cost: 2 x + 3 y\nSubject To\n a: x + y >= 4\n b: x + 3 y >= 6\nEnd\n");
  fs.writeFileSync(path.join(folder, "none.lp"), "Minimize\n obj: x\nSubject To\n a: x >= 3\n b: x <= 2\nEnd\n");
  const done = spawnSync(vaster, ["solve", "diet.lp", "none.lp", "--quiet", "--output", "problems.h5"], { cwd: folder, encoding: "utf8", timeout: patience });
  if (done.status === 69) return t.skip("built without solvers");
  assert.equal(done.status, 0, done.stderr);
  await check_report("problems", ["problems-by-outcome"], async (page) => {
    assert.ok((await page.textContent("main")).includes("2 problems: 1 optimal, 1 infeasible."));
    assert.ok(await page.isVisible('caption:has-text("diet.lp: optimal, objective 9")'));
  });
});

test("the report hands out data and specifications, follows the system's colours, and shows names as text", async () => {
  const { page, context, complaints } = await open(screens[0], report, { acceptDownloads: true });
  await page.waitForFunction(is_drawn);
  const means = fs.readFileSync(path.join(folder, "study-report/tables/means.csv"), "utf8");
  const [csv] = await Promise.all([page.waitForEvent("download"), page.click("#means-cod_accuracy [data-csv]")]);
  assert.equal(fs.readFileSync(await csv.path(), "utf8"), means);
  const [spec] = await Promise.all([page.waitForEvent("download"), page.click("#means-cod_accuracy [data-spec]")]);
  assert.equal(JSON.parse(fs.readFileSync(await spec.path(), "utf8")).data.values, means);
  await page.selectOption("#confusion select[name=model]", "insilico");

  assert.equal(await page.$$eval("b", (all) => all.filter((one) => one.textContent === "A&P").length), 0);
  assert.ok((await page.textContent("main")).includes("<b>A&P</b></script>"));

  const bar = "#utilisation svg .mark-rect path";
  const light = await page.$eval(bar, (one) => one.getAttribute("fill"));
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction(([where, old]) => {
    const one = document.querySelector(where);
    return one && one.getAttribute("fill") !== old;
  }, [bar, light]);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the report is readable as tables without JavaScript", async () => {
  const { page, context } = await open(screens[1], report, { javaScriptEnabled: false });
  assert.ok(await page.isVisible("text=Figures need JavaScript"));
  assert.equal(await page.locator(".plot").first().isVisible(), false);
  for (const title of ["Mean COD accuracy per model", "Generalisation gap: in domain", "Sensitivity, in domain", "Deaths by true cause"])
    assert.ok(await page.locator(`caption:has-text("${title}")`).first().isVisible(), title);
  await shoot(page, "report-without-script", screens[1]);
  await context.close();
});

test("the status page refreshes itself during a run, in light and dark, on wide and narrow screens", async () => {
  const words = ["-n", "2", vaster, "run", "--set", "study.kind=drill", "--set", "drill.experiments=4000", "--set", "drill.seconds=0.3",
    "--set", "drill.faults=[\"error:3\",\"crash:5:1\"]", "--retries", "1", "--set", "run.retry_delay=\"0s\"", "--quiet",
    "--output", "drill.h5", "--status-dir", "status"];
  const job = spawn("mpirun", words, { cwd: folder, stdio: "ignore", env: { ...process.env } });
  const ended = new Promise((resolve) => job.on("exit", resolve));
  try {
    const page_file = path.join(folder, "status/index.html");
    const deadline = Date.now() + patience;
    while (!(fs.existsSync(page_file) && fs.readFileSync(page_file, "utf8").includes("given up"))) {
      assert.ok(job.exitCode === null && Date.now() < deadline, "no status page with the failure came");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (const screen of screens) {
      const { page, context, complaints } = await open(screen, `file://${page_file}`);
      if (screen === screens[0]) {
        const first = await page.textContent(".numbers div b");
        await page.evaluate(() => (window.is_old = true));
        await page.waitForFunction((old) => !window.is_old && document.querySelector(".numbers div b").textContent !== old, first);
      }
      assert.ok((await page.$$("svg rect")).length > 0);
      await check_no_sideways_scroll(page);
      assert.deepEqual(complaints, []);
      await shoot(page, "status", screen);
      await context.close();
    }
  } finally {
    job.kill("SIGTERM");
    await ended;
  }
});
