// Draws the figures of the report, hands out their data, and follows light, dark and width.
"use strict";
(() => {
  const store = JSON.parse(document.getElementById("report-data").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const narrow = window.matchMedia("(max-width: 700px)");
  const views = new Map();

  /** The specification of a figure with its rows in it. */
  function complete(id) {
    const { table, spec } = store.figures[id];
    const copy = JSON.parse(JSON.stringify(spec));
    copy.data = { values: store.tables[table], format: spec.data.format };
    return copy;
  }

  /** Colours and sizes for this screen. */
  function looks() {
    const config = JSON.parse(JSON.stringify(store.theme.light));
    if (dark.matches) Object.assign(config, JSON.parse(JSON.stringify(store.theme.dark)));
    config.background = "transparent";
    if (narrow.matches) {
      config.axis.labelLimit = 130;
      config.axis.labelFontSize = config.axis.titleFontSize = 11;
      config.legend.columns = 2;
      config.legend.labelLimit = 130;
    }
    return config;
  }

  /** Two lines for long names of categories. */
  const two_lines = { labelExpr: "split(replace(datum.label, /^(.{9}[^ ]*) /, '$1\\n'), '\\n')", labelLineHeight: 13, labelOffset: -6.5 };

  function spec_for_screen(id) {
    const spec = complete(id);
    delete spec.title; // the page has it above the figure, and lists say what is chosen
    if (narrow.matches && spec.usermeta && spec.usermeta.two_lines) spec.encoding.y.axis = two_lines;
    for (const param of spec.params || []) if (param.name === "dark") param.value = dark.matches;
    return spec;
  }

  async function draw(place) {
    const id = place.dataset.figure;
    try {
      const drawn = await vegaEmbed(place, spec_for_screen(id), {
        mode: "vega-lite",
        renderer: "svg",
        config: looks(),
        actions: { export: true, source: false, compiled: false, editor: false },
        downloadFileName: id,
        tooltip: { theme: dark.matches ? "dark" : "light" },
      });
      if (views.has(id)) views.get(id).finalize();
      views.set(id, drawn);
      place.dataset.drawn = "yes";
    } catch (error) {
      place.textContent = "This figure could not be drawn; its table says the same.";
      console.error(id, error);
    }
  }

  let wanted = 0;
  /** Draws all figures one after the other; a later call ends an earlier one. */
  async function draw_all() {
    const mine = ++wanted;
    delete document.documentElement.dataset.drawn;
    for (const place of document.querySelectorAll("[data-figure]")) {
      if (mine !== wanted) return;
      await draw(place);
    }
    document.documentElement.dataset.drawn = "yes";
  }

  /** Links that work without the folder beside the page. */
  function hand_out(link, text, type) {
    link.addEventListener("click", () => {
      const address = URL.createObjectURL(new Blob([text()], { type }));
      link.href = address;
      setTimeout(() => URL.revokeObjectURL(address), 60000);
    });
  }

  for (const link of document.querySelectorAll("a[data-csv]"))
    hand_out(link, () => store.tables[link.dataset.csv], "text/csv");
  for (const link of document.querySelectorAll("a[data-spec]"))
    hand_out(link, () => JSON.stringify({ ...complete(link.dataset.spec), config: store.theme.light }, null, 1), "application/json");
  for (const tables of document.querySelectorAll("details.tables")) tables.open = false;
  dark.addEventListener("change", draw_all);
  narrow.addEventListener("change", draw_all);
  draw_all();
})();
