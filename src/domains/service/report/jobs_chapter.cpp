// What the report says about jobs.
#include "domains/service/report/jobs_chapter.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/texts.hpp"
#include "base/support/units.hpp"
#include "core/report/sections.hpp"
#include "core/store/kept_data.hpp"
#include "domains/service/jobs/jobs_options.hpp"
#include "domains/service/jobs/jobs_study.hpp"
#include "domains/service/report/jobs_tables.hpp"
#include "domains/service/report/shown.hpp"
#include "vaster/study/config.hpp"

namespace vaster::service {
namespace {

using report::bar_chart;
using report::Chapter;
using report::position_of;
using report::Section;
using report::span_chart;
using report::Table;
using report::text_table;

constexpr std::size_t most_last_words = 20;  ///< jobs whose last output is shown
constexpr std::size_t most_troubles = 15;    ///< bars
constexpr std::size_t most_named = 3;        ///< failed jobs in the verdict

class JobsSections {
  public:
    JobsSections(Chapter& chapter, store::Reader const& study, JobsStanding now)
        : chapter_(chapter),
          study_(study),
          now_(std::move(now)),
          counts_(counts_of(now_.records)),
          states_(job_states_table(now_)),
          blocks_(job_blocks_table(now_)),
          unfinished_(unfinished_jobs_table(now_)),
          tries_(job_tries_table(now_)),
          troubles_(job_troubles_table(now_)),
          leading_(leading_troubles(troubles_)),
          spans_(job_spans_table(now_)) {}

    void add() {
        chapter_.verdict.push_back(verdict());
        states();
        if (!unfinished_.rows.empty()) unfinished();
        if (!spans_.rows.empty()) {
            attempts();
            spans();
        }
        for (auto* table : {&states_, &blocks_, &unfinished_, &tries_, &troubles_, &leading_, &spans_})
            if (!table->rows.empty()) chapter_.tables.push_back(std::move(*table));
    }

  private:
    [[nodiscard]] std::size_t count(JobState state) const {
        return counts_.at(static_cast<std::size_t>(state));
    }

    /// "9 jobs: 7 done, 1 failed, 1 skipped"
    [[nodiscard]] std::string counts_text() const {
        std::string text = counted(now_.records.size(), "job");
        char const* separator = ": ";
        for (std::size_t state = 0; state < n_job_states; ++state) {
            if (counts_.at(state) == 0) continue;
            text +=
                fmt::format("{}{} {}", separator, counts_.at(state), name_of(static_cast<JobState>(state)));
            separator = ", ";
        }
        return text;
    }

    static Table leading_troubles(Table const& troubles) {
        Table table = troubles;
        table.name = "job_troubles_leading";
        table.doc = "the most frequent of them, as the figure shows them";
        if (table.rows.size() > most_troubles) table.rows.resize(most_troubles);
        return table;
    }

    // ---- verdict

    [[nodiscard]] report::Block verdict() const {
        report::Block block{"What became of the jobs", {}};
        bool const all_done = count(JobState::done) == now_.records.size();
        if (!all_done)
            block.lines.push_back(counts_text() + ".");
        else
            block.lines.push_back(now_.records.size() == 1
                                      ? "The job is done."
                                      : fmt::format("All {} jobs are done.", now_.records.size()));
        if (count(JobState::failed) > 0) block.lines.push_back(failed_text());
        if (!spans_.rows.empty()) block.lines.push_back(work_text());
        if (!all_done) block.lines.push_back(rest_text());
        return block;
    }

    [[nodiscard]] std::string failed_text() const {
        std::vector<std::string> named;
        for (std::size_t job = 0; job < now_.records.size() && named.size() < most_named; ++job)
            if (now_.records[job].state == JobState::failed) {
                auto const& reason = now_.records[job].reason;
                named.push_back(
                    fmt::format("{} ({})", now_.list.jobs[job].name, reason.substr(0, reason.find('\n'))));
            }
        auto const others = count(JobState::failed) - named.size();
        return fmt::format("Failed: {}{}.", fmt::join(named, "; "),
                           others == 0 ? "" : fmt::format("; and {} more", others));
    }

    [[nodiscard]] std::string work_text() const {
        double seconds = 0;
        double last = 0;
        std::set<std::int64_t> ranks;
        std::set<std::string> hosts;
        auto const& all = now_.attempts;
        for (auto const& row : all.rows) {
            seconds += std::get<double>(row[position_of(all, "seconds")]);
            last = std::max(last, std::get<double>(row[position_of(all, "to")]));
            ranks.insert(std::get<std::int64_t>(row[position_of(all, "rank")]));
            hosts.insert(std::get<std::string>(row[position_of(all, "host")]));
        }
        return fmt::format("{} on {} of {} took {} together, within {}.", counted(all.rows.size(), "attempt"),
                           counted(ranks.size(), "rank"), counted(hosts.size(), "host"),
                           duration_text(seconds), duration_text(last));
    }

    [[nodiscard]] std::string rest_text() const {
        return fmt::format("'{} jobs retry {}' tries again what failed, and runs what has not been run{}.",
                           program_name(), study_.path().filename().string(),
                           count(JobState::cancelled) > 0 ? "; --cancelled: what was cancelled, too" : "");
    }

    // ---- sections

    void states() {
        Section section{"job-states", "What became of the jobs"};
        section.text.push_back(counts_text() + ".");
        section.text.push_back(fmt::format("They ran in {}; what they printed was kept in {}.",
                                           now_.list.directory, now_.folder.string()));
        auto const open = count(JobState::running) + count(JobState::cut_off) + count(JobState::pending) +
                          count(JobState::waiting);
        if (open > 0)
            section.text.emplace_back(
                "pending: to be run; waiting: for jobs that it comes after; cut off: it ran when the run was "
                "killed.");
        section.figures.push_back(bar_chart({"jobs-by-state", "Jobs by state", states_, {}, states_.columns},
                                            {{"jobs", "jobs", "d"}, "state", "", ""}));
        section.tables.push_back(text_table(states_, "Jobs by state"));
        if (blocks_.rows.size() > 1)
            section.tables.push_back(first_rows(text_table(blocks_, "Jobs by block"), blocks_.name));
        chapter_.sections.push_back(std::move(section));
    }

    void unfinished() {
        Section section{"unfinished-jobs", "What failed, was cancelled or was skipped"};
        section.text.push_back(
            fmt::format("{} failed, {} cancelled, {} skipped since a job before them has no result.",
                        count(JobState::failed), count(JobState::cancelled), count(JobState::skipped)));
        section.tables.push_back(
            first_rows(text_table(unfinished_, "Jobs without a result"), unfinished_.name));
        if (count(JobState::failed) > 0) {
            section.listing = last_words(now_, most_last_words);
            section.listing_title =
                count(JobState::failed) <= most_last_words
                    ? "What the failed jobs printed last"
                    : fmt::format("What the first {} failed jobs printed last", most_last_words);
        }
        chapter_.sections.push_back(std::move(section));
    }

    void attempts() {
        Section section{"job-attempts", "Attempts"};
        auto const again =
            std::count_if(now_.tries.begin(), now_.tries.end(), [](std::int64_t tries) { return tries > 1; });
        section.text.push_back(again == 0 ? "No job that has ended took more than one attempt."
                                          : fmt::format("{} took more than one attempt.",
                                                        counted(static_cast<std::size_t>(again), "job")));
        auto const known = std::accumulate(now_.tries.begin(), now_.tries.end(), std::int64_t{0});
        if (known > static_cast<std::int64_t>(now_.attempts.rows.size()))
            section.text.push_back(
                fmt::format("The study file holds the last {} attempts; what follows is about these.",
                            now_.attempts.rows.size()));
        if (troubles_.rows.empty()) {
            section.text.emplace_back("All of them went well.");
        } else {
            section.figures.push_back(
                bar_chart({"job-troubles", "Attempts that did not end well", leading_, {}, leading_.columns},
                          {{"attempts", "attempts", "d"}, "what", "", "outcome"}));
            section.tables.push_back(
                first_rows(text_table(troubles_, "Attempts that did not end well"), troubles_.name));
        }
        if (!tries_.rows.empty())
            section.tables.push_back(
                first_rows(text_table(tries_, "Jobs by the number of their attempts"), tries_.name));
        chapter_.sections.push_back(std::move(section));
    }

    void spans() {
        Section section{"job-spans", "Which rank ran what, and when"};
        section.text.push_back(
            fmt::format("A bar is an attempt at a job, its colour how it ended; a cross marks one that did "
                        "not end well.{}",
                        spans_.rows.size() == now_.attempts.rows.size()
                            ? ""
                            : fmt::format(" These are the last {}.", spans_.rows.size())));
        section.figures.push_back(span_chart(
            {"attempts-by-rank",
             "Attempts by rank",
             spans_,
             {},
             {"job", "name", "attempt", "rank", "host", "from", "seconds", "outcome"}},
            {{"from", "seconds since the first start", ""}, "to", "rank", "rank", "outcome", "trouble"}));
        chapter_.sections.push_back(std::move(section));
    }

    Chapter& chapter_;
    store::Reader const& study_;
    JobsStanding now_;
    std::array<std::size_t, n_job_states> counts_;
    Table states_, blocks_, unfinished_, tries_, troubles_, leading_, spans_;
};

}  // namespace

void add_jobs_sections(Chapter& chapter, store::Reader const& study, study::Kind const& kind) {
    auto list = kept_jobs(store::read_kept_data(study.path()));
    auto options = jobs_options(study::load(kind, {study.path().string(), study.header().config, {}}));
    options.study = absolute_path(study.path());
    auto folder = output_folder(options, list);
    JobsSections(chapter, study, JobsStanding(study, std::move(list), std::move(folder))).add();
}

}  // namespace vaster::service
