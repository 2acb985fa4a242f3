#include "domains/service/jobs/job_results.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <ostream>
#include <sstream>
#include <system_error>
#include <variant>

#include <fmt/format.h>
#include <fnmatch.h>

#include "base/csv/csv.hpp"
#include "base/support/nearest.hpp"
#include "domains/service/jobs/jobs_study.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::service {
namespace {

using Texts = std::vector<std::string>;

std::optional<std::size_t> place_called(JobList const& list, std::string const& called) {
    std::uint64_t number = 0;
    auto const [end, problem] = std::from_chars(called.data(), called.data() + called.size(), number);
    bool const is_number = problem == std::errc() && end == called.data() + called.size();
    if (is_number && number >= 1 && number <= list.jobs.size()) return number - 1;
    auto const job =
        std::find_if(list.jobs.begin(), list.jobs.end(), [&](Job const& one) { return one.name == called; });
    if (job == list.jobs.end()) return std::nullopt;
    return static_cast<std::size_t>(job - list.jobs.begin());
}

[[noreturn]] void refuse(JobList const& list, std::string const& called) {
    Texts names;
    names.reserve(list.jobs.size());
    for (auto const& job : list.jobs) names.push_back(job.name);
    auto const near = did_you_mean(called, names);
    throw DataError(fmt::format("there is no job {}: the jobs have the numbers 1 to {}, and names{}{}",
                                called, list.jobs.size(), near.empty() ? "" : "; ", near));
}

/// One table below the other.
class Together {
  public:
    explicit Together(std::ostream& out) : out_(out) {}

    void add(Job const& job, std::string const& text) {
        auto table = csv::CsvReader::from_text(text, job.name, {.no_rows = csv::NoRows::accept});
        Texts const header(table.header().begin(), table.header().end());
        if (first_ == nullptr) {
            first_ = &job;
            header_ = header;
            write("job", "job_name", header);
        }
        require<DataError>(header == header_,
                           "the tables of {} and {} have different columns; say of which jobs, by numbers, "
                           "names or patterns of names: {}",
                           first_->name, job.name, job.name);
        while (table.next())
            write(std::to_string(job.number), job.name, {table.cells().begin(), table.cells().end()});
    }

  private:
    void write(std::string const& number, std::string const& name, Texts const& cells) {
        Texts line{number, name};
        line.insert(line.end(), cells.begin(), cells.end());
        out_ << csv_line(line) << '\n';
    }

    std::ostream& out_;
    Job const* first_ = nullptr;
    Texts header_;
};

}  // namespace

Job const& job_called(JobList const& list, std::string const& called) {
    auto const place = place_called(list, called);
    if (!place) refuse(list, called);
    return list.jobs[*place];
}

std::vector<bool> jobs_called(JobList const& list, std::vector<std::string> const& called) {
    std::vector<bool> wanted(list.jobs.size(), called.empty());
    for (auto const& one : called) {
        if (auto const place = place_called(list, one)) {
            wanted[*place] = true;
            continue;
        }
        bool is_any = false;
        for (std::size_t i = 0; i < list.jobs.size(); ++i) {
            if (::fnmatch(one.c_str(), list.jobs[i].name.c_str(), 0) != 0) continue;
            wanted[i] = true;
            is_any = true;
        }
        if (!is_any) refuse(list, one);
    }
    return wanted;
}

std::size_t write_kept_tables(JobList const& list, std::vector<JobRecord> const& records,
                              store::Reader const& study, std::vector<bool> const& wanted,
                              std::ostream& out) {
    std::ostringstream lines;  // nothing is written where the tables do not go together
    Together together(lines);
    std::size_t n_tables = 0;
    std::size_t n_missing = 0;
    for (std::size_t i = 0; i < list.jobs.size(); ++i) {
        if (!wanted[i] || !is_kept_in_study(list.jobs[i])) continue;
        ++n_tables;
        if (records[i].state != JobState::done) {
            ++n_missing;
            continue;
        }
        auto const& cells = study.cells(records[i].row.value());
        together.add(list.jobs[i],
                     std::get<std::string>(cells.at(static_cast<std::size_t>(ResultColumn::table))));
    }
    require<DataError>(n_tables > 0,
                       "of these jobs none is an operation without an output, whose table the study keeps");
    out << lines.str();
    return n_missing;
}

}  // namespace vaster::service
