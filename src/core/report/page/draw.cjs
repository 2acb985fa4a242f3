// Draws every specification *.vl.json of a folder as SVG, beside it. usage: node draw.cjs FOLDER
"use strict";
const fs = require("fs");
const path = require("path");
const Module = require("module");

// vega-lite asks for "vega": it is the file beside this one.
const vega = require(path.join(__dirname, "vega.js"));
const load = Module._load;
Module._load = (name, ...rest) => (name === "vega" ? vega : load(name, ...rest));
const vegaLite = require(path.join(__dirname, "vega-lite.js"));

// Characters that XML 1.0 has not, escaped or not: a name with one would make the picture unreadable.
const notInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const width = 640; // of figures that are as wide as the page

async function draw(file) {
  const folder = path.dirname(file);
  const spec = JSON.parse(fs.readFileSync(file, "utf8"));
  const { url, format } = spec.data;
  spec.data = { values: fs.readFileSync(path.join(folder, url), "utf8"), format };
  if (spec.width === "container") spec.width = width;
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
  const svg = await view.toSVG();
  fs.writeFileSync(file.replace(/\.vl\.json$/, ".svg"), svg.replace(notInXml, "\ufffd"));
  view.finalize();
}

async function main(folder) {
  for (const name of fs.readdirSync(folder).sort()) if (name.endsWith(".vl.json")) await draw(path.join(folder, name));
}

main(process.argv[2]).catch((error) => {
  console.error(String(error.message || error));
  process.exit(1);
});
