#include "domains/service/jobs/jobs_study.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <catch2/catch.hpp>
#include <fmt/core.h>
#include <sys/stat.h>

#include "../../../temporary_folder.hpp"
#include "domains/service/jobs/attempt.hpp"
#include "domains/service/jobs/job_file.hpp"
#include "domains/service/tables/sample.hpp"
#include "vaster/study/own_limits.hpp"
#include "vaster/study/transient.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::service;

namespace fs = std::filesystem;

namespace {

class Folder : public testing::TemporaryFolder {
  public:
    void write(std::string const& name, std::string const& text) const { (void)file(name, text); }

    [[nodiscard]] std::string read(std::string const& name) const {
        std::ifstream in(path() / name);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

    [[nodiscard]] JobList jobs(std::string const& text) const { return read_jobs(text, "jobs.toml", path()); }

    /// One attempt at the only job of the text.
    [[nodiscard]] JobResult attempt(std::string const& text, std::uint32_t number = 1,
                                    std::vector<int> const& no_retry = {}) const {
        auto const list = jobs("[[job]]\nname='j'\n" + text);
        return Attempts().run({list, list.jobs.at(0), number, path() / "out", 0, no_retry});
    }
};

/// Rows of a plan of which some are done.
class Rows final : public study::Records {
  public:
    void add(std::vector<study::Experiment> const& next, std::map<std::uint64_t, bool> const& is_done) {
        for (auto const& one : next) {
            experiments_.push_back(one);
            done_.push_back(is_done.at(static_cast<std::uint64_t>(std::get<std::int64_t>(one.design[0]))));
        }
    }

    [[nodiscard]] std::size_t size() const override { return experiments_.size(); }

    [[nodiscard]] study::Experiment const& experiment(std::size_t row) const override {
        return experiments_[row];
    }

    [[nodiscard]] bool done(std::size_t row) const override { return done_[row]; }

    [[nodiscard]] bool skipped(std::size_t) const override { return false; }

    [[nodiscard]] study::Cells const& cells(std::size_t) const override { return none_; }

    void now_done(std::size_t row) { done_[row] = true; }

  private:
    std::vector<study::Experiment> experiments_;
    std::vector<bool> done_;
    study::Cells none_;
};

study::Config config_of(std::string const& text) {
    return study::load(*make_jobs(), {"jobs.toml", text, {}});
}

std::vector<std::string> names_in(std::vector<study::Experiment> const& experiments) {
    std::vector<std::string> names;
    names.reserve(experiments.size());
    for (auto const& one : experiments) names.push_back(std::get<std::string>(one.design.at(1)));
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("the file of jobs is a configuration whose jobs the kind reads itself", "[jobs]") {
    auto const config = config_of(
        "[jobs]\nfile='jobs.toml'\nmax_failures=3\n[defaults]\ntimeout='2m'\n[[job]]\ncommand='true'\n");
    auto const options = jobs_options(config);
    CHECK(options.most_failures == 3U);
    CHECK(options.defaults.timeout_seconds == 120);
    CHECK_FALSE(options.defaults.memory_bytes);
    CHECK_THROWS_WITH(config_of("[jobs]\nfile='x'\n[[jop]]\ncommand='true'\n"), Catch::Contains("jop"));
    CHECK_THROWS_WITH(
        config_of("[jobs]\nfile='x'\n[defaults]\ntimeout='soon'\nmemory='1'\nno_retry_codes=[1.5]\n"),
        Catch::Contains("3 problems") && Catch::Contains("defaults.timeout") &&
            Catch::Contains("defaults.memory") && Catch::Contains("defaults.no_retry_codes"));
    CHECK_THROWS_WITH(config_of(""), Catch::Contains("which jobs?"));
    CHECK_THROWS_WITH(config_of("[jobs]\ncommand='gzip {}'\n"), Catch::Contains("--list"));
}

TEST_CASE("a job is planned once all that it comes after is done, in whichever run", "[jobs]") {
    Folder const folder;
    auto const job = [](std::string const& name, std::string const& after) {
        return fmt::format("[[job]]\nname='{}'\ncommand='true'\nafter=[{}]\n", name, after);
    };
    folder.write("jobs.toml", job("sum", "'a','b'") + job("a", "") + job("b", "") + job("c", "'a'") +
                                  job("last", "'sum','c'"));
    auto const kind = make_jobs();
    auto const config = config_of(fmt::format("[jobs]\nfile='{}'\n", (folder.path() / "jobs.toml").string()));
    auto const study = kind->open(config, study::FromSource()).study;
    Rows rows;
    auto const first = study->next_experiments(study::NoRecords());
    CHECK(names_in(first) == Names{"a", "b"});
    rows.add(first, {{2, true}, {3, false}});
    auto const second = study->next_experiments(rows);
    CHECK(names_in(second) == Names{"c"});
    CHECK(second.at(0).index == 2);
    rows.add(second, {{4, true}});
    CHECK(study->next_experiments(rows).empty());
    rows.now_done(1);  // b, tried again
    auto const third = study->next_experiments(rows);
    CHECK(names_in(third) == Names{"sum"});
    rows.add(third, {{1, true}});
    CHECK(names_in(study->next_experiments(rows)) == Names{"last"});

    auto const inputs = study->inputs();
    auto const again = kind->open(config, study::FromFile{{study->schema(), inputs}}).study;
    CHECK(again->data_hash() == study->data_hash());
    CHECK(study::hash_of(again->next_experiments(study::NoRecords())) == study::hash_of(first));
}

TEST_CASE("limits of a job go over the defaults, which go over those of the run", "[jobs]") {
    Folder const folder;
    folder.write("jobs.toml",
                 "[[job]]\nname='own'\ncommand='true'\ntimeout='5s'\nretries=0\npriority=7\nbackoff=3\n"
                 "[[job]]\nname='none'\ncommand='true'\n");
    auto const kind = make_jobs();
    auto const config = config_of(fmt::format("[jobs]\nfile='{}'\n[defaults]\ntimeout='1m'\nmemory='64MiB'\n",
                                              (folder.path() / "jobs.toml").string()));
    auto const plan = kind->open(config, study::FromSource()).study->next_experiments(study::NoRecords());
    auto const& limiting = dynamic_cast<study::HasOwnLimits const&>(*kind);
    auto const own = limiting.limits(config, plan.at(0));
    CHECK(own.timeout_seconds == 5);
    CHECK(own.retries == 0U);
    CHECK(own.priority == 7);
    CHECK(own.backoff == 3);
    CHECK(own.memory_bytes == std::uint64_t{64} << 20U);
    auto const none = limiting.limits(config, plan.at(1));
    CHECK(none.timeout_seconds == 60);
    CHECK_FALSE(none.retries);
    CHECK(none.backoff == 1.5);
    CHECK(none.priority == 0);
}

TEST_CASE("a command's outputs are checked, hashed and its prints kept", "[jobs]") {
    Folder const folder;
    auto const text = "command='echo said; echo wrong >&2; echo made > new/a.csv'\noutputs=['new/a.csv']\n";
    auto const one = folder.attempt(text);
    CHECK(one.outputs_hash == hash_of_file(folder.path() / "new/a.csv"));
    CHECK(one.output_bytes == 5);
    CHECK(one.log == "000001.1");
    CHECK(folder.read("out/000001.1.out") == "said\n");
    CHECK(folder.read("out/000001.1.err") == "wrong\n");
    CHECK(folder.attempt(text).log == "000001.2");  // the first are never written over
    CHECK(folder.read("out/000001.1.out") == "said\n");
    CHECK_THROWS_MATCHES(folder.attempt("command='true'\noutputs=['not.csv']\n"), DataError,
                         Catch::Message("its output not.csv: there is no such file, or it cannot be read"));
}

TEST_CASE("a command that fails may be tried again, unless its exit code says otherwise", "[jobs]") {
    Folder const folder;
    CHECK_THROWS_MATCHES(folder.attempt("command='exit 3'\n"), study::TransientError,
                         Catch::Message("exit code 3"));
    CHECK_THROWS_AS(folder.attempt("command='exit 3'\n", 1, {2, 3}), DataError);
    CHECK_THROWS_MATCHES(folder.attempt("command='kill -SEGV $$'\n"), study::TransientError,
                         Catch::Message("killed by SIGSEGV"));
    CHECK_THROWS_WITH(folder.attempt("command=['./missing']\n"), Catch::Contains("cannot run './missing'"));
    CHECK_THROWS_WITH(folder.attempt("command='sleep 1000 & exit 0'\n"),
                      Catch::Contains("left a process running (sleep), which has been killed"));
}

TEST_CASE("an input that has changed since the jobs were read is not taken for the old one", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "x\n1\n");
    auto const list = folder.jobs("[[job]]\ncommand='true'\ninputs=['in.csv']\n");
    AttemptOrder const order{list, list.jobs[0], 1, folder.path() / "out", 0, {}};
    CHECK_NOTHROW(Attempts().run(order));
    folder.write("in.csv", "x\n2\n");
    CHECK_THROWS_WITH(Attempts().run(order), Catch::Contains("in.csv, which has changed"));
}

TEST_CASE("operations write what 'vaster table' writes", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "site,age\nAP,1\nUP,2\nAP,3.5\n");
    (void)folder.attempt("operation='reduce'\ninput='in.csv'\noutput='sum.csv'\ncolumn='age'\nby=['site']\n");
    CHECK(folder.read("sum.csv") == "site,sum_age\nAP,4.5\nUP,2\n");
    (void)folder.attempt("operation='filter'\ninput='in.csv'\noutput='ap.csv'\nwhere=\"site = 'AP'\"\n");
    CHECK(folder.read("ap.csv") == "site,age\nAP,1\nAP,3.5\n");
    (void)folder.attempt(
        "operation='map'\ninput='in.csv'\noutput='more.csv'\nmake=['twice=2*age','four=2*twice']\n");
    CHECK(folder.read("more.csv") == "site,age,twice,four\nAP,1,2,4\nUP,2,4,8\nAP,3.5,7,14\n");
    (void)folder.attempt(
        "operation='histogram'\ninput='in.csv'\noutput='h.csv'\ncolumn='age'\nedges=[1,2]\n");
    CHECK(folder.read("h.csv") == "bin_lower,bin_upper,count\n,1,0\n1,2,2\n2,,1\n,,0\n");
    (void)folder.attempt("operation='histogram'\ninput='in.csv'\noutput='h.csv'\ncolumn='age'\nbins=1\n");
    CHECK(folder.read("h.csv") == "bin_lower,bin_upper,count\n1,3.5,3\n,,0\n");
    (void)folder.attempt("operation='sample'\ninput='in.csv'\noutput='s.csv'\nnumber=2\nseed=3\n");
    std::ostringstream sample;
    (void)sample_rows(folder.path() / "in.csv", {.number = 2, .seed = 3}, sample);
    CHECK(folder.read("s.csv") == sample.str());
    (void)folder.attempt("operation='sample'\ninput='in.csv'\noutput='s.csv'\nshare=1\n");
    CHECK(folder.read("s.csv") == folder.read("in.csv"));
    auto const one = folder.attempt(
        "operation='describe'\ninput='in.csv'\noutput='d.csv'\ncolumns=['age']\nquantiles=[0.5]\n");
    CHECK(folder.read("d.csv").starts_with(
        "column,count,missing,texts,sum,mean,sd,min,q0.5,max\nage,3,0,0,6.5,"));
    CHECK(one.outputs_hash == hash_of_file(folder.path() / "d.csv"));
    CHECK(one.output_bytes == fs::file_size(folder.path() / "d.csv"));
    CHECK(one.log.empty());
    CHECK_FALSE(fs::exists(folder.path() / "out"));  // an operation prints nothing
}

TEST_CASE("the study keeps the table of an operation without an output, if there is room for it", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "site,age\nAP,1\nUP,2\n");
    auto const list = folder.jobs("[[job]]\noperation='reduce'\ninput='in.csv'\ncolumn='age'\nby=['site']\n");
    AttemptOrder order{list, list.jobs[0], 1, folder.path() / "out", 0, {}, 100};
    auto const made = Attempts().run(order);
    std::string const table = "site,sum_age\nAP,1\nUP,2\n";
    CHECK(made.table == table);
    CHECK(made.output_bytes == table.size());
    folder.write("same.csv", table);
    CHECK(made.outputs_hash == hash_of_file(folder.path() / "same.csv"));
    order.result_bytes = table.size() - 1;
    CHECK_THROWS_WITH(Attempts().run(order), Catch::Contains("its result has 23 bytes, more than the 22") &&
                                                 Catch::Contains("output = \"FILE.csv\""));
}

TEST_CASE("a study has a column for tables only where an operation has no output", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "age\n1\n");
    auto const kind = make_jobs();
    auto const columns = [&](std::string const& keys) {
        folder.write("jobs.toml", fmt::format("[[job]]\noperation='reduce'\ninput='{}'\ncolumn='age'\n{}",
                                              (folder.path() / "in.csv").string(), keys));
        auto const config =
            config_of(fmt::format("[jobs]\nfile='{}'\n", (folder.path() / "jobs.toml").string()));
        return kind->open(config, study::FromSource()).study->schema().results;
    };
    CHECK(columns("output='a.csv'\n").back().name == "log");
    CHECK(columns("").back().name == "table");
    CHECK(columns("").back().width < columns("by='age'\n").back().width);
}

TEST_CASE("what is wrong with keys and what is wrong with jobs is told together", "[jobs]") {
    CHECK_THROWS_WITH(
        config_of("[jobs]\nfile='jobs.toml'\nmax_failure=3\n[[job]]\nname='a'\ncomand='true'\n"),
        Catch::Contains("3 problems") && Catch::Contains("jobs.toml:3: jobs.max_failure: unknown key") &&
            Catch::Contains("jobs.toml:6: comand: unknown key of a job") &&
            Catch::Contains("jobs.toml:4: a job has either a command or an operation"));
}

TEST_CASE("the outputs of an operation are hashed as those of a command", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "x\n1\n2\n");
    folder.write("more.txt", "1234");
    std::string const sum =
        "[[job]]\nname='j'\noperation='reduce'\ninput='in.csv'\noutput='deep/sum.csv'\n"
        "column='x'\n";
    for (auto const* const others : {"", "outputs=['more.txt']\n"}) {
        auto const list = folder.jobs(sum + others);
        auto const result = Attempts().run({list, list.jobs.at(0), 1, folder.path() / "out", 0, {}});
        CHECK(result.outputs_hash == hash_of_outputs(list, list.jobs.at(0)));
        CHECK(result.output_bytes == (list.jobs.at(0).outputs.size() == 1 ? 8 : 12));
    }
    CHECK(folder.read("deep/sum.csv") == "sum_x\n3\n");
}

TEST_CASE("an operation takes the place of a file alone, not of a pipe or a folder", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "x\n1\n");
    fs::create_directory(folder.path() / "folder");
    REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
    fs::create_symlink("pipe", folder.path() / "link");
    for (auto const* const name : {"folder", "pipe", "link"})
        CHECK_THROWS_WITH(folder.attempt(fmt::format(
                              "operation='reduce'\ninput='in.csv'\noutput='{}'\ncolumn='x'\n", name)),
                          Catch::Contains("exists already and is not a file") && Catch::Contains("output"));
    CHECK(fs::is_fifo(folder.path() / "pipe"));
}
