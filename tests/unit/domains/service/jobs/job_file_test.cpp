#include "domains/service/jobs/job_file.hpp"

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "../../../temporary_folder.hpp"
#include "domains/service/jobs/graph.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::service;

namespace {

/// A folder in which jobs are read.
class Folder : public testing::TemporaryFolder {
  public:
    void write(std::string const& name, std::string const& text) const { (void)file(name, text); }

    [[nodiscard]] JobList read(std::string const& text) const { return read_jobs(text, "jobs.toml", path()); }

    [[nodiscard]] std::string problems(std::string const& text) const {
        try {
            (void)read(text);
            return "none";
        } catch (ConfigError const& error) {
            return error.what();
        }
    }
};

constexpr char const* jobs_of_all_sorts = R"(
[[job]]
name = "m{x}"
foreach.x = ["ä", "b\""]
operation = "reduce"
input = "in.csv"
output = "out{x}"
column = "x"
initial = ""
fold = "concat"
by = ["x"]
backoff = 1.25
[[job]]
name = "bins"
operation = "histogram"
input = "in.csv"
output = "bins"
column = "x"
edges = [0.1, 2, 1e300]
[[job]]
name = "some"
operation = "sample"
input = "in.csv"
output = "some"
share = 0.1
seed = 7
[[job]]
name = "true"
command = ["printf", "%s\\n", ""]
after = ["m*"]
expected = "2h"
[[job]]
name = "kept"
operation = "reduce"
input = "in.csv"
column = "x"
)";

}  // namespace

TEST_CASE("a job for every choice of foreach, in the order in which the lists are written", "[jobs]") {
    Folder const folder;
    auto const list = folder.read(R"(
[[job]]
name = "{site}-{age}"
foreach.site = ["UP", "AP"]
foreach.age = [5, 1]
command = ["echo", "{site}", "{{age}}"]
outputs = ["{site}/{age}.csv"]
timeout = "90s"
retries = 2
priority = -3
no_retry_codes = [2, 64]
[[job]]
command = "echo all > all.csv"
after = ["UP-*", "AP-1"]
memory = "1GiB"
)");
    REQUIRE(list.jobs.size() == 5);
    CHECK(list.directory == folder.path().string());
    CHECK(list.jobs[0].name == "UP-5");
    CHECK(list.jobs[1].name == "UP-1");
    CHECK(list.jobs[2].name == "AP-5");
    auto const& third = list.jobs[2];
    CHECK(third.number == 3);
    CHECK(third.arguments == std::vector<std::string>{"echo", "AP", "{age}"});
    CHECK(third.outputs == std::vector<std::string>{"AP/5.csv"});
    CHECK(third.limits.timeout_seconds == 90);
    CHECK(third.limits.retries == 2U);
    CHECK(third.limits.priority == -3);
    CHECK(third.limits.no_retry_codes == std::vector<int>{2, 64});
    auto const& last = list.jobs[4];
    CHECK(last.name == "job-5");
    CHECK(last.work == JobWork::shell);
    CHECK(last.after == std::vector<std::uint64_t>{1, 2, 4});
    CHECK(last.limits.memory_bytes == std::uint64_t{1} << 30U);
    CHECK(levels_of(list.jobs).of_job == std::vector<std::size_t>{0, 0, 0, 0, 1});
}

TEST_CASE("a job for each row of a table", "[jobs]") {
    Folder const folder;
    folder.write("sites.csv", "site,n\nAP,3\n\"U P\",4\n");
    auto const list =
        folder.read("[[job]]\nname='{site}'\nforeach='sites.csv'\ncommand='echo {site} {n} {#}'\n");
    REQUIRE(list.jobs.size() == 2);
    CHECK(list.jobs[1].arguments == std::vector<std::string>{"echo 'U P' 4 2"});
    CHECK_THAT(folder.problems("[[job]]\nforeach='site.csv'\ncommand='true'\n"), Catch::Contains("site.csv"));
}

TEST_CASE("a job for each line of a list", "[jobs]") {
    Folder const folder;
    folder.write("files.txt", "a b.csv\n\nc.csv\r\n");
    auto const list = jobs_of_lines("gzip {} > {/.}.gz", folder.path() / "files.txt", folder.path());
    REQUIRE(list.jobs.size() == 2);
    CHECK(list.jobs[0].arguments == std::vector<std::string>{"gzip 'a b.csv' > 'a b'.gz"});
    CHECK(list.jobs[1].arguments == std::vector<std::string>{"gzip c.csv > c.gz"});
    CHECK(jobs_of_lines("gzip", folder.path() / "files.txt", folder.path()).jobs[1].arguments.front() ==
          "gzip c.csv");
    folder.write("bad.txt", "good\nb\xE4 d\n");
    CHECK_THROWS_WITH(jobs_of_lines("gzip", folder.path() / "bad.txt", folder.path()),
                      Catch::Contains("bad.txt:2") && Catch::Contains("\\xE4"));
    folder.write("empty.txt", "\n");
    CHECK_THROWS_WITH(jobs_of_lines("gzip", folder.path() / "empty.txt", folder.path()),
                      Catch::Contains("no lines"));
}

TEST_CASE("all that is wrong with jobs is told at once, with its line", "[jobs]") {
    Folder const folder;
    auto const text = folder.problems(R"([[job]]
name = "a"
comand = ["true"]
[[job]]
name = "b"
command = ["no-such-program-anywhere"]
timeout = "soon"
retries = -1
where = "age > 3"
[[job]]
name = "b"
command = "true"
after = ["c"]
[[job]]
operation = "discribe"
[[job]]
operation = "map"
input = "x.csv"
output = "y.csv"
make = ["adult"]
fold = "sum"
[[job]]
name = "{site}"
foreach.sites = ["AP"]
command = "true"
[[job]]
foreach.site = []
command = 7
)");
    for (auto const* const expected :
         {"jobs.toml:1: a job has either a command or an operation",
          "jobs.toml:3: comand: unknown key of a job; did you mean 'command'?",
          "no program 'no-such-program-anywhere'", "jobs.toml:7: timeout must be a duration",
          "jobs.toml:8: retries must be", "jobs.toml:9: where belongs to operations",
          "two jobs, 2 and 3, have the name \"b\"", "b is to come after \"c\", but no job has that name",
          "did you mean 'describe'?", "make has \"adult\"", "operation = \"map\" has no fold",
          "{site} stands for nothing: did you mean 'sites'?", "foreach.site is empty",
          "jobs.toml:28: command must be a list", "x.csv"})
        CHECK_THAT(text, Catch::Contains(expected));
}

TEST_CASE("bins and samples that mean nothing are refused with their line", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "x\n1\n");
    auto const problems = [&](std::string const& operation, std::string const& keys) {
        return folder.problems(
            fmt::format("[[job]]\noperation='{}'\ninput='in.csv'\noutput='out.csv'\n{}", operation, keys));
    };
    for (auto const* const good : {"", "bins=3\n", "edges=[-1,0.5,2]\n"})
        CHECK(problems("histogram", std::string("column='x'\n") + good) == "none");
    for (auto const* const good : {"share=0.5\n", "share=1\n", "number=3\nseed=0\n"})
        CHECK(problems("sample", good) == "none");
    for (auto const* const bad :
         {"edges=[1]\n", "edges=[2,1]\n", "edges=[1,1]\n", "edges=[0,nan]\n", "edges=3\n"})
        CHECK_THAT(problems("histogram", std::string("column='x'\n") + bad),
                   Catch::Contains("jobs.toml:6: edges must be a list of two or more numbers"));
    CHECK_THAT(problems("histogram", "column='x'\nbins=0\n"), Catch::Contains("jobs.toml:6: bins must be"));
    CHECK_THAT(problems("histogram", "column='x'\nbins=2\nedges=[1,2]\n"),
               Catch::Contains("either bins or edges"));
    CHECK_THAT(problems("histogram", ""), Catch::Contains("operation = \"histogram\" needs column"));
    CHECK_THAT(problems("sample", ""), Catch::Contains("needs either share or number"));
    CHECK_THAT(problems("sample", "share=0.5\nnumber=2\n"), Catch::Contains("needs either share or number"));
    for (auto const* const bad : {"share=0\n", "share=1.5\n", "share='half'\n"})
        CHECK_THAT(problems("sample", bad), Catch::Contains("jobs.toml:5: share must be a number above 0"));
    CHECK_THAT(problems("sample", "number=0\n"),
               Catch::Contains("jobs.toml:5: number must be a whole number"));
    CHECK_THAT(problems("sample", "number=1\nseed=-1\n"), Catch::Contains("jobs.toml:6: seed must be"));
    CHECK_THAT(problems("filter", "where='x > 0'\nshare=0.5\n"),
               Catch::Contains("operation = \"filter\" has no share"));
}

TEST_CASE("a path is found from the folder of the jobs, however it is spelled", "[jobs]") {
    for (auto const* const directory : {"/data", "/", "/data/../x", "/data/./y", "/data//z", "/data/a."})
        for (auto const* const path :
             {"a.csv", "a/b.csv", "./a.csv", "../a.csv", "a/../b", "a//b", "/root/a", "a/.", "..", ".", "a.",
              ".a", "a/.b", "a/", "a.h5:/t/u", "..a", "a/..b"})
            CHECK(in_directory({directory, {}}, path) ==
                  (std::filesystem::path(directory) / path).lexically_normal().string());
}

TEST_CASE("one text stands for a list of it", "[jobs]") {
    Folder const folder;
    auto const list = folder.read(
        "[[job]]\nname='a'\ncommand='true'\noutputs='x'\n[[job]]\ncommand='true'\nafter='a'\ninputs='x'\n");
    CHECK(list.jobs.at(0).outputs == std::vector<std::string>{"x"});
    CHECK(list.jobs.at(1).after == std::vector<std::uint64_t>{1});
    CHECK(list.jobs.at(1).inputs.at(0).path == "x");
    CHECK_THAT(folder.problems("[[job]]\ncommand='true'\nafter=3\n"),
               Catch::Contains("after must be a list of texts"));
}

TEST_CASE("jobs that wait for each other are refused with the ring", "[jobs]") {
    Folder const folder;
    auto const job = [](std::string const& name, std::string const& after) {
        return fmt::format("[[job]]\nname='{}'\ncommand='true'\nafter=[{}]\n", name, after);
    };
    auto const text = folder.problems(job("a", "") + job("b", "'a','d'") + job("c", "'b'") + job("d", "'c'") +
                                      job("e", "'d'"));
    CHECK_THAT(text, Catch::Contains("b -> d -> c -> b"));
    CHECK_THAT(folder.problems(job("a", "'a'")), Catch::Contains("a -> a"));
}

TEST_CASE("what jobs read must be there or be made before", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "x\n1\n");
    std::string const maker =
        "[[job]]\nname='make'\ncommand='true'\ninputs=['in.csv']\noutputs=['mid.csv']\n";
    std::string const user = "[[job]]\nname='use'\ncommand='true'\ninputs=['mid.csv']\n";
    auto const list = folder.read(maker + user + "after=['make']\n");
    CHECK(list.jobs[0].inputs[0].hash == hash_of_file(folder.path() / "in.csv"));
    CHECK(list.jobs[1].inputs[0].hash.empty());
    CHECK_THAT(folder.problems(maker + user), Catch::Contains("use reads mid.csv, which make makes") &&
                                                  Catch::Contains("after = [\"make\"]"));
    CHECK_THAT(folder.problems(user), Catch::Contains("use reads mid.csv: there is no such file"));
    CHECK_THAT(folder.problems(maker + "[[job]]\nname='too'\ncommand='true'\noutputs=['./mid.csv']\n"),
               Catch::Contains("make and too both make ./mid.csv"));
}

TEST_CASE("a prediction reads its model and makes three files", "[jobs]") {
    Folder const folder;
    folder.write("ap.csv", "s1\n1\n");
    std::string const train =
        "[[job]]\nname='train'\ncommand='true'\noutputs=['model.h5']\n"
        "[[job]]\nname='{site}'\nforeach.site=['ap']\noperation='predict'\nmodel='model.h5'\n"
        "input='{site}.csv'\noutput='out/{site}.csv'\nflags=['--top', '2']\n";
    auto const list = folder.read(train + "after=['train']\n");
    auto const& job = list.jobs.at(1);
    CHECK(job.work == JobWork::predict);
    CHECK(job.outputs == std::vector<std::string>{"out/ap.csv", "out/ap-csmf.csv", "out/ap.json"});
    REQUIRE(job.inputs.size() == 2);
    CHECK(job.inputs[0].path == "ap.csv");
    CHECK_FALSE(job.inputs[0].hash.empty());
    CHECK(job.inputs[1].path == "model.h5");
    CHECK(job.inputs[1].hash.empty());  // another job makes it
    auto const again = jobs_from_lines(to_lines(list));
    CHECK(again.jobs.at(1).table.model == "model.h5");
    CHECK(again.jobs.at(1).table.flags == std::vector<std::string>{"--top", "2"});
    CHECK(id_of(again.jobs.at(1)) == id_of(job));
    CHECK_THAT(folder.problems(train),
               Catch::Contains("ap reads model.h5, which train makes; it must come after"));
    folder.write("a.h5", "");
    CHECK_THAT(
        folder.problems("[[job]]\noperation='predict'\nmodel='a.h5'\ninput='a.h5:/t'\noutput='p.csv'\n"),
        Catch::Contains("input = \"a.h5:/t\" of predict (must be a CSV file"));
    CHECK_THAT(folder.problems(train + "bins=3\n"), Catch::Contains("\"predict\" has no bins"));
}

TEST_CASE("the input of an operation that is a table in an HDF5 file is that file", "[jobs]") {
    Folder const folder;
    folder.write("a.h5", "only its bytes are hashed here");
    auto const list =
        folder.read("[[job]]\noperation='reduce'\ninput='a.h5:/deaths'\ncolumn='age'\noutput='sum.csv'\n");
    CHECK(list.jobs.at(0).table.input == "a.h5:/deaths");
    REQUIRE(list.jobs.at(0).inputs.size() == 1);
    CHECK(list.jobs.at(0).inputs[0].path == "a.h5");
    CHECK_FALSE(list.jobs.at(0).inputs[0].hash.empty());
}

TEST_CASE("jobs are kept as lines, and come back as they were", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "x\n1\n");
    auto const list = folder.read(jobs_of_all_sorts);
    auto const lines = to_lines(list);
    std::istringstream each(lines);
    for (std::string line; std::getline(each, line);) CHECK(nlohmann::json::parse(line).dump() == line);
    auto const back = jobs_from_lines(lines);
    CHECK(to_lines(back) == lines);
    REQUIRE(back.jobs.size() == 6);
    CHECK(back.jobs[0].table.initial == "");
    CHECK(back.jobs[0].limits.backoff == 1.25);
    CHECK_FALSE(back.jobs[0].limits.retries);
    CHECK(back.jobs[2].table.edges == std::vector<double>{0.1, 2, 1e300});
    CHECK(back.jobs[3].table.share == 0.1);
    CHECK(back.jobs[3].table.seed == 7U);
    CHECK_FALSE(back.jobs[3].table.number);
    CHECK(back.jobs[4].arguments == std::vector<std::string>{"printf", "%s\\n", ""});
    CHECK(back.jobs[4].expected_seconds == 7200);
    CHECK(is_kept_in_study(back.jobs[5]));
    CHECK_FALSE(is_kept_in_study(back.jobs[3]));
    for (std::size_t i = 0; i < 6; ++i) CHECK(id_of(back.jobs[i]) == id_of(list.jobs[i]));
    CHECK(id_of(list.jobs[0]) != id_of(list.jobs[1]));
    CHECK_THROWS_AS(jobs_from_lines(lines.substr(0, lines.size() / 2)), DataError);
    CHECK_THROWS_AS(jobs_from_lines(""), DataError);
}

TEST_CASE("an id depends on the name, the command and what is in the inputs", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "x\n1\n");
    auto const id = [&](std::string const& name, std::string const& command) {
        return id_of(
            folder.read(fmt::format("[[job]]\nname='{}'\ncommand={}\ninputs=['in.csv']\n", name, command))
                .jobs[0]);
    };
    auto const first = id("a", "['echo','b c']");
    CHECK(id("a", "['echo','b c']") == first);
    CHECK(id("b", "['echo','b c']") != first);
    CHECK(id("a", "['echo','b','c']") != first);
    CHECK(id("a", "'echo b c'") != first);
    folder.write("in.csv", "x\n2\n");
    CHECK(id("a", "['echo','b c']") != first);
}

TEST_CASE("a job has the identity that earlier versions gave it", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "x\n1\n");
    auto const list = folder.read(jobs_of_all_sorts);
    std::vector<std::string> ids;
    for (auto const& job : list.jobs) ids.push_back(to_text(id_of(job)));
    ids.pop_back();  // earlier versions had no operations without an output
    CHECK(ids == std::vector<std::string>{"e418ab0fd02b24de", "ec397c5ce289a955", "75cb6498635be53a",
                                          "cd786d49a9f08012", "d90f0e0478da4597"});
}

TEST_CASE("jobs that wait for each other do not hide a file that is not there", "[jobs]") {
    Folder const folder;
    CHECK_THAT(folder.problems("[[job]]\nname='a'\ncommand='true'\nafter='b'\ninputs='no.csv'\n"
                               "[[job]]\nname='b'\ncommand='true'\nafter='a'\n"),
               Catch::Contains("2 problems") && Catch::Contains("a -> b -> a") &&
                   Catch::Contains("a reads no.csv: there is no such file"));
}

TEST_CASE("an operation that makes a small table needs no output", "[jobs]") {
    Folder const folder;
    folder.write("in.csv", "x\n1\n");
    auto const problems = [&](std::string const& keys) {
        return folder.problems(fmt::format("[[job]]\nname='a'\ninput='in.csv'\n{}", keys));
    };
    CHECK(problems("operation='reduce'\ncolumn='x'\n") == "none");
    CHECK(problems("operation='describe'\n") == "none");
    CHECK(problems("operation='histogram'\ncolumn='x'\n") == "none");
    for (auto const* const others : {"operation='filter'\nwhere='x > 0'\n", "operation='map'\nmake='y=x'\n",
                                     "operation='sample'\nnumber=1\n"})
        CHECK_THAT(problems(others), Catch::Contains("needs output"));
    CHECK_THAT(problems("operation='describe'\noutput=''\n"), Catch::Contains("the name of a file"));
    CHECK_THAT(problems("operation='describe'\noutputs='a.csv'\n"),
               Catch::Contains("an operation without an output makes no files"));
}
