"""Evolutions of strategies: the same individuals on any number of ranks and after kills; refusals."""

import csv
import io
import random
import re
import time
import unittest

from system import SOURCE, Job, SystemTest, make_market_file

SEEDS = ["EMA_Crossover", "RSI_Filter", "Bollinger_Bands", "Nadaraya_Watson"]
EVOLVE = ["run", "--set", "study.kind=evolve", "--set", f"strategies.seeds={SEEDS}".replace("'", '"'),
          "--set", "data.simulated=regimes", "--set", "data.bars=6000", "--set", "evolution.population=12",
          "--set", "evolution.generations=5", "--set", "evolution.islands=2", "--set", "evolution.migrants=1",
          "--set", "evolution.migration_interval=2", "--set", "validation.windows=2", "--set", "run.retry_delay=50ms"]


class Evolve(SystemTest):
    deaths = 100

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.undisturbed = None

    def expected(self):
        if Evolve.undisturbed is None:
            study = self.folder / "undisturbed.h5"
            Evolve.summary = self.vaster(*EVOLVE, "--output", study).stdout
            Evolve.undisturbed = self.exported(study)
        return Evolve.undisturbed

    def test_any_number_of_ranks_evolves_the_same(self):
        self.assertEqual(self.expected().count("\n"), 1 + 2 * (12 + 4 * 10))
        self.assertIn("walk forward", Evolve.summary)
        self.assertIn("corrected profile", Evolve.summary)
        for count in (2, 4):
            study = self.folder / f"ranks{count}.h5"
            self.vaster(*EVOLVE, "--output", study, ranks=count)
            self.assertEqual(self.exported(study), self.expected(), f"{count} ranks")
        self.vaster("verify", study)
        self.assertIn("finished", self.vaster("status", study).stdout)

    def test_kills_change_nothing(self):
        randomness = random.Random(11)
        arguments = [*EVOLVE, "--output", self.study, "--resume"]
        for count in (1, 2, 2):
            with Job(self.folder, *arguments, ranks=count) as job:
                deadline = time.monotonic() + 120
                while not self.study.exists() and job.process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.02)
                time.sleep(randomness.uniform(0, 0.8))
                job.kill()
            self.vaster("verify", self.study)
        self.vaster(*arguments, ranks=2)
        self.assertEqual(self.exported(), self.expected())

    def test_the_published_profile_says_so_and_meets_its_numbers(self):
        done = self.vaster("run", "--set", "study.kind=evolve", "--set", "strategies.profile=published", "--set",
                           'strategies.seeds=["Donchian_Breakout", "Nadaraya_Watson"]', "--set", "validation.train_share=1.0",
                           "--set", "fitness.measure=pool", "--set", "evolution.population=2", "--set",
                           "evolution.generations=1", "--output", self.study)
        self.assertIn("published profile: looks ahead", done.stdout)
        fitness = {row["seed"]: float(row["fitness"]) for row in self.rows()}
        self.assertAlmostEqual(fitness["Donchian_Breakout"], 0.059604, delta=6e-7)
        self.assertAlmostEqual(fitness["Nadaraya_Watson"], 0.263921, delta=6e-7)

    def test_refusals_name_what_is_wrong(self):
        refused = self.vaster("run", "--set", "study.kind=evolve", "--set", "strategies.profile=published", "--set",
                              "evolution.population=3", "--set", "evolution.islands=2", "--output", self.study, code=78)
        self.assertIn("validation.train_share = 1", refused.stderr)
        self.assertIn("evolution.population = 3 with islands = 2", refused.stderr)
        few = self.vaster("run", "--set", "study.kind=evolve", "--set", "data.bars=100", "--set", "validation.windows=40",
                          "--output", self.study, code=65)
        self.assertIn("too few for 40 windows", few.stderr)
        self.assertFalse(self.study.exists())

    def test_the_page_of_its_keys_is_what_the_program_prints(self):
        printed = self.vaster("config", "--markdown", "--kind", "evolve").stdout
        self.assertIn(printed, (SOURCE / "docs/trading/config.md").read_text(),
                      "run: vaster config --markdown --kind evolve, and put it into docs/trading/config.md")

    def test_the_columns_are_documented(self):
        page = (SOURCE / "docs/trading/evolve.md").read_text()
        self.expected()
        for column in self.rows(self.folder / "undisturbed.h5")[0]:
            known = column in ("index", "id", "status", "peak_rss_bytes", "rank", "host", "attempt") or column.startswith("gene_")
            self.assertTrue(known or f"`{column}`" in page, column)

    def bars(self, symbols, count):
        """A CSV file of hourly bars."""
        randomness = random.Random(5)
        lines = ["symbol,timestamp,open,high,low,close,volume"]
        for symbol in symbols:
            price = 100.0
            for hour in range(count):
                before, price = price, price * randomness.uniform(0.98, 1.02)
                lines.append(f"{symbol},{1577836800 + 3600 * hour},{before},{max(before, price) * 1.001},"
                             f"{min(before, price) * 0.999},{price},{randomness.uniform(1, 9)}")
        path = self.folder / f"{'-'.join(symbols)}.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    def test_bars_of_a_file_are_traded_together_in_the_timeframe_asked_for(self):
        path = self.bars(["AAA", "BBB"], 1600)
        evolve = ["run", "--set", "study.kind=evolve", "--data", path, "--set", "data.timeframe=4h", "--set",
                  "evolution.population=13", "--set", "evolution.generations=1", "--set",
                  'strategies.seeds=["Funding_Rate_Carry", "EMA_Crossover"]', "--output", self.study]
        done = self.vaster(*evolve)
        self.assertIn("Funding_Rate_Carry does not evolve", done.stdout + done.stderr)
        rows = self.rows()
        self.assertEqual({row["seed"] for row in rows}, {"EMA_Crossover"})
        self.assertEqual({float(row["bars"]) for row in rows}, {280.0})  # 70 % of 400
        refused = self.vaster(*evolve, "--overwrite", "--set", 'data.symbols=["CCC"]', code=65)
        self.assertIn("has no bars of CCC; it has AAA, BBB", refused.stderr)
        nothing = self.vaster(*evolve, "--overwrite", "--data", self.folder / "absent.csv", code=74)
        self.assertIn("absent.csv", nothing.stderr)

    def test_made_up_bars_give_the_same_as_a_file_and_as_the_study_itself_makes_them(self):
        kind = ["run", "--set", "study.kind=evolve", "--set", 'strategies.seeds=["Bollinger_Bands"]', "--set",
                "evolution.population=4", "--set", "evolution.generations=2", "--seed", "7"]
        for bars in ("golden", "walk", "regimes"):
            path, made, read = (self.folder / f"{bars}{end}" for end in (".csv", "-made.h5", "-read.h5"))
            symbols = "BTC" if bars == "golden" else "BTC,ETH"
            self.vaster("market", "simulate", "--bars", bars, "--count", 500, "--symbols", symbols, "--seed", 7, "--output", path)
            self.vaster(*kind, "--set", f"data.simulated={bars}", "--set", "data.bars=500", "--set", f"data.symbols={symbols}",
                        "--output", made)
            self.vaster(*kind, "--data", path, "--output", read)
            self.assertEqual(self.exported(made), self.exported(read), bars)
        self.assertIn("--bars", self.vaster("market", "simulate", "--bars", "noise", code=78).stderr)

    def test_a_market_file_gives_the_same_as_the_table_it_was_made_of(self):
        table, market = self.folder / "table.csv", self.folder / "market.h5"
        regimes = ["market", "simulate", "--bars", "regimes", "--count", 500, "--symbols", "BTC,ETH", "--seed", 7, "--output"]
        self.vaster(*regimes, table)
        self.vaster("market", "import", table, "--output", market)
        made_up = self.folder / "made-up.h5"
        self.vaster(*regimes, made_up)
        evolve = ["run", "--set", "study.kind=evolve", "--set", 'strategies.seeds=["Bollinger_Bands", "Funding_Rate_Carry"]',
                  "--set", "evolution.population=4", "--set", "evolution.generations=2"]
        studies = [self.folder / f"of-{name}.h5" for name in ("table", "local", "shared", "made-up")]
        self.vaster(*evolve, "--data", table, "--output", studies[0])
        self.vaster(*evolve, "--data", market, "--set", "data.backend=local", "--output", studies[1])
        self.vaster(*evolve, "--data", market, "--set", "data.backend=shared", "--output", studies[2], ranks=2)
        self.vaster(*evolve, "--data", made_up, "--set", "data.backend=shared", "--output", studies[3])
        of_table = self.exported(studies[0])
        self.assertIn("Funding_Rate_Carry", of_table)
        for study in studies[1:]:
            self.assertEqual(self.exported(study), of_table, study.name)

    def test_a_market_file_is_made_added_to_listed_and_checked(self):
        market, hourly = self.folder / "grown.h5", self.bars(["AAA", "BBB"], 300)
        self.vaster("market", "import", hourly, "--output", market)
        alone = self.folder / "CCC.csv"  # a table of one asset, named after it
        lines = [line.partition(",")[2] for line in self.bars(["DDD"], 50).read_text().splitlines()]
        alone.write_text("\n".join(lines) + "\n")
        self.vaster("market", "import", alone, "--output", market)
        self.vaster("market", "import", alone, "--output", market, "--symbol", "BBB")  # replaces 50 of its bars
        def listed():
            return {row["symbol"]: row for row in
                    csv.DictReader(io.StringIO(self.vaster("market", "list", market, "--csv").stdout))}
        rows = listed()
        self.assertEqual({symbol: (row["bars"], row["gaps"], row["seconds"], row["funding"]) for symbol, row in rows.items()},
                         {"AAA": ("300", "0", "3600", "no"), "BBB": ("300", "0", "3600", "no"), "CCC": ("50", "0", "3600", "no")})
        self.assertEqual((rows["AAA"]["first"], rows["CCC"]["last"]), ("2020-01-01T00:00:00Z", "2020-01-03T01:00:00Z"))
        self.assertEqual(self.vaster("market", "check", market).stdout.count("healthy"), 1)
        before = market.read_bytes()
        gap = self.folder / "gap.csv"
        gap.write_text("\n".join(lines[:20] + lines[25:]) + "\n")
        refused = self.vaster("market", "import", hourly, gap, "--output", market, code=65)
        self.assertIn("a gap: 21600 s", refused.stderr)
        self.assertEqual(market.read_bytes(), before, "a table that is not sound changes nothing")
        self.vaster("market", "import", gap, "--allow-gaps", "--output", market)
        self.assertEqual((listed()["gap"]["bars"], listed()["gap"]["gaps"]), ("45", "1"))

    def test_a_market_file_that_is_not_sound_is_named(self):
        absent = self.vaster("market", "check", self.folder / "absent.h5", code=74)
        self.assertIn("vaster market import makes one", absent.stderr)
        table, market = self.folder / "unsound.csv", self.folder / "other.h5"
        self.vaster("market", "simulate", "--bars", "walk", "--count", 200, "--output", table)
        lines = table.read_text().splitlines()
        cells = lines[49].split(",")
        lines[49] = ",".join([*cells[:3], "0.001", *cells[4:]])  # the high of line 50
        table.write_text("\n".join(lines) + "\n")
        self.assertIn("line 50", self.vaster("market", "import", table, "--output", market, code=65).stderr)
        self.assertFalse(market.exists())
        make_market_file(self, table, market)  # another program takes it as it is
        checked = self.vaster("market", "check", market, code=65)
        self.assertIn("BTC", checked.stdout)
        market.write_bytes(b"no HDF5")
        self.assertIn("unhealthy", self.vaster("market", "check", market, code=65).stdout)
    def test_the_study_file_keeps_its_bars_and_goes_on_without_the_table_they_came_from(self):
        table = self.folder / "kept.csv"
        self.vaster("market", "simulate", "--bars", "regimes", "--count", 4000, "--symbols", "BTC,ETH", "--seed", 7, "--output", table)
        evolve = ["run", "--resume", "--data", table, "--set", 'strategies.seeds=["RSI_Filter", "Bollinger_Bands"]', "--set",
                  "study.kind=evolve", "--set", "evolution.population=12", "--set", "evolution.generations=8"]
        whole = self.folder / "whole.h5"
        self.vaster(*evolve, "--output", whole)
        with Job(self.folder, *evolve, "--output", self.study, ranks=2) as job:
            job.wait_until(lambda: self.study.exists() and self.counts().get("done", 0) > 12, "the second generation is done")
            job.kill()
        changed = self.study.with_suffix(".changed.h5")
        changed.write_bytes(self.study.read_bytes())
        begun = self.study.with_suffix(".begun.h5")
        begun.write_bytes(self.study.read_bytes())
        table.write_text(table.read_text().replace("BTC", "DOGE"))
        resumed = self.vaster(*evolve, "--output", changed)
        self.assertIn("the data are those that", resumed.stderr)
        table.unlink()
        self.vaster("verify", self.study)
        self.vaster(*evolve, "--output", self.study, ranks=2)
        self.assertEqual(self.exported(), self.exported(whole))
        self.assertEqual(self.exported(changed), self.exported(whole))
        refused = self.vaster(*evolve, "--output", self.study, "--set", 'data.symbols=["BTC"]', code=78)
        self.assertIn("data.symbols", refused.stderr)
        absent = self.vaster(*evolve, "--output", self.folder / "new.h5", code=74)
        self.assertIn("kept.csv", absent.stderr)
        shared = self.vaster(*evolve, "--output", begun, "--set", "data.backend=shared", code=74)
        self.assertIn("kept.csv", shared.stderr)
        finished = self.vaster(*evolve, "--output", self.study, "--set", "data.backend=shared")
        self.assertIn("nobody needs the data any more", finished.stderr)

    def test_damaged_bars_are_named_and_not_gone_on_with(self):
        evolve = ["run", "--resume", "--set", "study.kind=evolve", "--set", 'strategies.seeds=["RSI_Filter"]', "--set",
                  "evolution.population=4", "--set", "evolution.generations=2", "--output", self.study]
        self.vaster(*evolve)
        before = self.exported()
        ranges = re.findall(rb"^range (\d+) (\d+)$", self.study.read_bytes()[:4096], re.MULTILINE)
        begin, end = map(int, ranges[-1])
        self.assertEqual(end - begin, 1000 * 8 * 8, "the last range of the seal is that of the bars")
        damaged = bytearray(self.study.read_bytes())
        damaged[(begin + end) // 2] ^= 16
        self.study.write_bytes(damaged)
        self.assertIn("/inputs/bars: the checksum of the data does not hold", self.vaster("verify", self.study, code=65).stdout)
        for ranks in (0, 2):
            refused = self.vaster(*evolve, ranks=ranks, code=65)
            self.assertIn("the checksum of /inputs/bars", refused.stderr)
            self.assertIn("intact copy", refused.stderr)
        self.assertEqual(self.exported(), before)
        saved = self.vaster("checkpoint", "salvage", self.study, "--output", self.study.with_suffix(".saved.h5"))
        self.assertIn("/inputs/bars did not hold", saved.stdout)

    def test_the_plan_is_shown_before_anything_runs(self):
        plan = self.vaster("plan", *EVOLVE[1:])
        self.assertIn("24", plan.stdout + plan.stderr)


if __name__ == "__main__":
    unittest.main()
