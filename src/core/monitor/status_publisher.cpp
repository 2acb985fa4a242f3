#include "core/monitor/status_publisher.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "core/monitor/status_text.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::monitor {
namespace {

constexpr double publish_interval = 1;  // s
constexpr double result_interval = 10;  // s
constexpr double result_rest = 200;     // times as long as it took, before results are asked for again

}  // namespace

StatusDirectory::StatusDirectory(std::filesystem::path directory) : directory_(std::move(directory)) {
    std::error_code problem;
    std::filesystem::create_directories(directory_, problem);
    require<IoError>(!problem, "cannot make the status directory {}: {}", directory_.string(),
                     problem.message());
    replace_file(directory_ / "status.json", "{}\n");
}

void StatusDirectory::show(StatusTexts const& texts) {
    try {
        replace_file(directory_ / "status.json", texts.json);
        replace_file(directory_ / "metrics.prom", texts.metrics);
        replace_file(directory_ / "index.html", texts.page);
        if (std::exchange(broken_, false))
            say("{}: on host {}: status is shown in {} again", program_name(), host_name(),
                directory_.string());
    } catch (IoError const& error) {
        if (std::exchange(broken_, true)) return;  // said once
        say("{}: on host {}: status is no longer shown in {}: {}", program_name(), host_name(),
            directory_.string(), error.what());
    }
}

StatusPublisher::StatusPublisher(RunFacts facts, std::filesystem::path study_file, ResultTables results)
    : recorder_(std::move(facts)), study_file_(std::move(study_file)), results_(std::move(results)) {}

void StatusPublisher::on_start(study::Progress const& progress) {
    recorder_.on_start(progress);
    ask_for_results();
    publish();
}

void StatusPublisher::on_task_start(int rank, study::Task const& task, std::string const& label) {
    recorder_.on_task_start(rank, task, label);
}

void StatusPublisher::on_commit(study::ExperimentIndex index, study::Origin const& origin) {
    recorder_.on_commit(index, origin);
}

void StatusPublisher::on_task_end(int rank, study::TaskEnd const& end) {
    recorder_.on_task_end(rank, end);
}

void StatusPublisher::on_attempt_failed(study::Attempt const& attempt, std::string const& label,
                                        bool will_retry) {
    recorder_.on_attempt_failed(attempt, label, will_retry);
}

void StatusPublisher::on_rank_lost(int rank) {
    recorder_.on_rank_lost(rank);
}

void StatusPublisher::on_notice(std::string const& text) {
    recorder_.on_notice(text);
}

void StatusPublisher::on_tick(study::Progress const& progress) {
    recorder_.on_tick(progress);
    if (monotonic_seconds() - published_ < publish_interval) return;
    if (monotonic_seconds() >= next_ask_) ask_for_results();
    publish();
}

void StatusPublisher::on_end(study::Progress const& progress) {
    recorder_.on_end(progress);
    ask_for_results();
    publish();
}

void StatusPublisher::ask_for_results() {
    double const began = monotonic_seconds();
    try {
        recorder_.set_results(results_());
    } catch (Error const&) {  // a row that is just being written, say; the next time it will be there
    }
    double const now = monotonic_seconds();
    next_ask_ = now + std::max(result_interval, (now - began) * result_rest);
}

void StatusPublisher::publish() {
    published_ = monotonic_seconds();
    std::error_code no_size;
    auto const bytes = std::filesystem::file_size(study_file_, no_size);
    if (!no_size) recorder_.set_file_bytes(bytes);
    RunState const& state = recorder_.state();
    StatusTexts const texts{status_json(state), metrics_text(state), status_page(state)};
    for (auto const& target : targets_) target->show(texts);
}

}  // namespace vaster::monitor
