#include "domains/service/report/jobs_chapter.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../../../core/report/chapter_parts.hpp"
#include "../../../temporary_folder.hpp"
#include "core/store/writer.hpp"
#include "domains/service/jobs/jobs_study.hpp"
#include "study_on_disk.hpp"
#include "vaster/study/study.hpp"

using namespace vaster;
using namespace vaster::service;
using namespace vaster::testing;
using Catch::Contains;
using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;

namespace {

// Rows 0 to 4 of the plan are the first five of the six jobs; the last one waits for flaky.
constexpr char const* six_jobs = R"(
[[job]]
name = "clean-{site}"
foreach.site = ["AP", "UP"]
command = "echo {site}"
[[job]]
name = "flaky"
command = "exit 3"
[[job]]
name = "slow"
command = "sleep 9"
[[job]]
name = "open"
command = "true"
[[job]]
name = "sum"
command = "true"
after = ["flaky"]
)";

class MadeJobs {
  public:
    explicit MadeJobs(std::string const& jobs)
        : kind_(make_jobs()),
          study_(*kind_, folder_.path() / "jobs.h5",
                 fmt::format("[study]\nkind='jobs'\n[jobs]\nfile='{}'\nfolder='{}'\n",
                             folder_.file("jobs.toml", jobs).string(), printed().string())) {}

    [[nodiscard]] std::filesystem::path printed() const { return folder_.path() / "printed"; }

    void print(std::string const& name, std::string const& text) const {
        std::filesystem::create_directories(printed());
        (void)folder_.file("printed/" + name, text);
    }

    [[nodiscard]] std::filesystem::path const& path() const { return study_.path(); }

    [[nodiscard]] report::Chapter chapter() const {
        return study_.chapter({[this](report::Chapter& chapter, store::Reader const& study) {
                                   add_jobs_sections(chapter, study, *kind_);
                               },
                               report::SummaryTables::none});
    }

  private:
    TemporaryFolder folder_;
    std::unique_ptr<study::Kind> kind_;
    StudyOnDisk study_;
};

study::Result done(std::size_t row) {
    return {row, {std::string(), std::int64_t{0}, 1.0, 0.5, std::string("000001.1")}, {}, 0};
}

/// clean-AP is done at once, clean-UP at the second attempt, flaky and slow are given up.
void run(MadeJobs const& made) {
    store::Writer writer(made.path());
    writer.commit(done(0), {0, "here", 1});
    writer.log_attempt({0, 1, 0, "here", 100, 2, "done", ""});
    writer.log_attempt({1, 1, 1, "there", 100, 1, "crash", "exit code 1\nfirst try"});
    writer.commit(done(1), {1, "there", 2});
    writer.log_attempt({1, 2, 1, "there", 101, 1, "done", ""});
    for (std::int64_t attempt : {1, 2, 3})
        writer.log_attempt({2, attempt, 0, "here", 101.0 + static_cast<double>(attempt), 1, "crash",
                            "exit code 3\nno such table <raw>"});
    writer.fail(2, "crash: exit code 3", {0, "here", 3});
    writer.log_attempt({3, 1, 1, "there", 102, 4, "timeout", "no result within 4 s"});
    writer.fail(3, "timeout: no result within 4 s", {1, "there", 1});
    writer.sync();
}

}  // namespace

TEST_CASE("the chapter of jobs counts their states, all together and by block", "[service][report]") {
    MadeJobs const made(six_jobs);
    run(made);
    auto const chapter = made.chapter();
    auto const& states = table_of(chapter, "job_states");
    CHECK(texts(states, "state") == Texts{"done", "pending", "failed", "skipped"});
    CHECK(numbers(states, "jobs") == Numbers{2, 1, 2, 1});
    auto const& blocks = table_of(chapter, "job_blocks");
    CHECK(texts(blocks, "block") == Texts{"clean-{site}", "flaky", "slow", "open", "sum"});
    CHECK(numbers(blocks, "jobs") == Numbers{2, 1, 1, 1, 1});
    CHECK(numbers(blocks, "done") == Numbers{2, 0, 0, 0, 0});
    CHECK(numbers(blocks, "skipped") == Numbers{0, 0, 0, 0, 1});
    REQUIRE(chapter.verdict.size() == 1);
    auto const& lines = chapter.verdict.front().lines;
    CHECK(lines.at(0) == "6 jobs: 2 done, 1 pending, 2 failed, 1 skipped.");
    CHECK(lines.at(1) == "Failed: flaky (exit code 3); slow (timeout: no result within 4 s).");
    CHECK(lines.at(2) == "7 attempts on 2 ranks of 2 hosts took 11 s together, within 6 s.");
    CHECK_THAT(lines.at(3), Contains("jobs retry jobs.h5"));
}

TEST_CASE("the chapter of jobs says why jobs have no result and what they printed last",
          "[service][report]") {
    MadeJobs const made(six_jobs);
    run(made);
    auto const before = made.chapter();
    auto const& jobs = table_of(before, "unfinished_jobs");
    CHECK(numbers(jobs, "job") == Numbers{3, 4, 6});
    CHECK(numbers(jobs, "attempts") == Numbers{3, 1, 0});
    CHECK(texts(jobs, "reason") ==
          Texts{"exit code 3", "timeout: no result within 4 s", "after flaky, which has failed"});
    CHECK(texts(jobs, "command") == Texts{"exit 3", "sleep 9", "true"});

    SECTION("from the study file where the files are gone") {
        auto const chapter = made.chapter();
        auto const& section = section_of(chapter, "unfinished-jobs");
        CHECK(section.listing ==
              "job 3, flaky: exit code 3\n$ exit 3\n--- standard error\nno such table <raw>\n"
              "\njob 4, slow: timeout: no result within 4 s\n$ sleep 9\n(nothing was printed, or nothing of "
              "it is left)\n");
        CHECK(section.listing_title == "What the failed jobs printed last");
    }
    SECTION("from the files of the last attempt, errors first") {
        made.print("000003.1.out", "old\n");
        made.print("000003.1.err", "old\n");
        made.print("000003.2.out", "reads raw.csv\n");
        made.print("000003.2.err", "no such table\n\n");
        made.print("000004.1.err", "");
        made.print("000004.1.out", "begins\x1b[31m\nline of " + std::string(3000, 'x') + "\nends");
        auto const chapter = made.chapter();
        auto const& text = section_of(chapter, "unfinished-jobs").listing;
        CHECK_THAT(text, Contains(fmt::format("--- {0}/000003.2.err\nno such table\n--- {0}/000003.2.out\n"
                                              "reads raw.csv\n",
                                              made.printed().string())));
        CHECK_THAT(text, Contains("000004.1.out\n[...]\nends\n"));
        CHECK_THAT(text, !Contains("old") && !Contains("000004.1.err") && !Contains("xxx"));
    }
    SECTION("with bytes that are not text made legible") {
        made.print("000003.1.out", "\x1b[31m\xff\n");
        auto const chapter = made.chapter();
        CHECK_THAT(section_of(chapter, "unfinished-jobs").listing, Contains("\\x1B[31m\\xFF"));
    }
}

TEST_CASE("the chapter of jobs has the attempts, by number and by what went wrong", "[service][report]") {
    MadeJobs const made(six_jobs);
    run(made);
    auto const chapter = made.chapter();
    auto const& tries = table_of(chapter, "job_tries");
    CHECK(numbers(tries, "attempts") == Numbers{1, 2, 3});
    CHECK(numbers(tries, "done") == Numbers{1, 1, 0});
    CHECK(numbers(tries, "failed") == Numbers{1, 0, 1});
    auto const& troubles = table_of(chapter, "job_troubles");
    CHECK(texts(troubles, "what") ==
          Texts{"crash: exit code 3", "crash: exit code 1", "timeout: no result within 4 s"});
    CHECK(numbers(troubles, "attempts") == Numbers{3, 1, 1});
    CHECK(numbers(troubles, "jobs") == Numbers{1, 1, 1});
    CHECK(texts(troubles, "the_first") == Texts{"flaky", "clean-UP", "slow"});
    CHECK(section_of(chapter, "job-attempts").text.front() == "2 jobs took more than one attempt.");
}

TEST_CASE("the chapter of jobs draws each attempt on its rank, and figures have the columns of their tables",
          "[service][report]") {
    MadeJobs const made(six_jobs);
    run(made);
    auto const chapter = made.chapter();
    auto const& spans = table_of(chapter, "job_spans");
    CHECK(texts(spans, "name") ==
          Texts{"clean-AP", "clean-UP", "clean-UP", "flaky", "slow", "flaky", "flaky"});
    CHECK(numbers(spans, "rank") == Numbers{0, 1, 1, 0, 1, 0, 0});
    CHECK(numbers(spans, "from") == Numbers{0, 0, 1, 2, 2, 3, 4});
    CHECK(numbers(spans, "to") == Numbers{2, 1, 2, 3, 6, 4, 5});
    CHECK(texts(spans, "trouble")[4] == "timeout");
    Texts names;
    for (auto const& section : chapter.sections)
        for (auto const& figure : section.figures) {
            CAPTURE(figure.name);
            CHECK(data_url(figure) == table_of(chapter, figure.table).name + ".csv");
            names.push_back(figure.name);
            CHECK(figure.name != section.name);  // both are anchors of the page
        }
    names.resize(3);
    CHECK(names == Texts{"jobs-by-state", "job-troubles", "attempts-by-rank"});
}

TEST_CASE("the chapter of jobs that were all done at once says just that", "[service][report]") {
    MadeJobs const made("[[job]]\nname='a'\ncommand='true'\n");
    SECTION("before they are run") {
        auto const chapter = made.chapter();
        CHECK(chapter.verdict.front().lines.front() == "1 job: 1 pending.");
        CHECK_THAT(section_of(chapter, "job-states").text.back(), Contains("pending: to be run"));
    }
    SECTION("and after") {
        {
            store::Writer writer(made.path());
            writer.commit(done(0), {0, "here", 1});
            writer.log_attempt({0, 1, 0, "here", 100, 2, "done", ""});
        }
        auto const chapter = made.chapter();
        CHECK(chapter.verdict.front().lines ==
              Texts{"The job is done.", "1 attempt on 1 rank of 1 host took 2 s together, within 2 s."});
        CHECK(section_of(chapter, "job-attempts").text ==
              Texts{"No job that has ended took more than one attempt.", "All of them went well."});
        for (auto const& section : chapter.sections) CHECK(section.name != "unfinished-jobs");
    }
}
