// The pictures of docs/pictures: parts of a report as a browser shows them. Run by scripts/pictures.
// usage: node pictures.mjs REPORT PICTURES [NAME...]      CHROMIUM: the browser
import path from "node:path";
import { chromium } from "playwright-core";

const [report, pictures] = process.argv.slice(2, 4).map((name) => path.resolve(name));
const only = process.argv.slice(4);
const desk = { colorScheme: "light", viewport: { width: 1120, height: 900 } };
const phone = { colorScheme: "dark", viewport: { width: 390, height: 844 } };
// What each picture shows: the figures of a section, or one of them.
const wanted = [
  { name: "report-models", screen: desk, part: "#means .figures" },
  { name: "report-transfer", screen: desk, part: "#transfer-cod_accuracy .figures" },
  { name: "report-run", screen: desk, part: "#run-time .figures" },
  { name: "report-phone", screen: phone, part: "#differences .figures figure" },
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
for (const { name, screen, part } of wanted) {
  if (only.length > 0 && !only.includes(name)) continue;
  const page = await browser.newPage(screen);
  page.setDefaultTimeout(120000);
  await page.goto(`file://${report}/index.html`);
  await page.waitForFunction(() => document.documentElement.dataset.drawn === "yes");
  const picture = path.join(pictures, `${name}.png`);
  await page.locator(part).first().screenshot({ path: picture });
  console.log(picture);
  await page.close();
}
await browser.close();
