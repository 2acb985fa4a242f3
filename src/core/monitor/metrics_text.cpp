#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "core/monitor/progress.hpp"
#include "core/monitor/status_text.hpp"

namespace vaster::monitor {
namespace {

/// A label value with backslash, quote and line end escaped, as the format wants it.
std::string escaped(std::string const& text) {
    std::string out;
    for (char const c : text) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

/// Collects samples of one study.
class Metrics {
  public:
    explicit Metrics(RunFacts const& facts) : study_(escaped(facts.name)), file_(escaped(facts.file)) {}

    void family(std::string_view name, std::string_view type, std::string_view help) {
        name_ = name;
        text_ += fmt::format("# HELP vaster_{} {}\n# TYPE vaster_{} {}\n", name, help, name, type);
    }

    void sample(double value, std::string_view label = {}, std::string const& of = {}) {
        text_ += fmt::format("vaster_{}{{study=\"{}\",file=\"{}\"", name_, study_, file_);
        if (!label.empty()) text_ += fmt::format(",{}=\"{}\"", label, escaped(of));
        text_ += std::isnan(value) ? "} NaN\n" : fmt::format("}} {}\n", value);
    }

    void sample(std::uint64_t value, std::string_view label = {}, std::string const& of = {}) {
        sample(static_cast<double>(value), label, of);
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    std::string study_;
    std::string file_;
    std::string name_;
    std::string text_;
};

void add_ranks(Metrics& metrics, RunState const& state) {
    metrics.family("rank_utilisation", "gauge", "Share of the run in which the rank had a task.");
    for (auto const& [rank, of] : state.ranks)
        metrics.sample(utilisation(state, of), "rank", fmt::format("{}", rank));
    metrics.family("rank_experiments_total", "counter", "Experiments that the rank committed in this run.");
    for (auto const& [rank, of] : state.ranks) metrics.sample(of.done, "rank", fmt::format("{}", rank));
    metrics.family("rank_busy_seconds_total", "counter", "Seconds in tasks that have ended.");
    for (auto const& [rank, of] : state.ranks)
        metrics.sample(of.busy_seconds, "rank", fmt::format("{}", rank));
    metrics.family("rank_peak_rss_bytes", "gauge", "Largest memory of a child of the rank.");
    for (auto const& [rank, of] : state.ranks)
        metrics.sample(of.peak_rss_bytes, "rank", fmt::format("{}", rank));
    metrics.family("rank_up", "gauge", "1 while the rank gets work.");
    for (auto const& [rank, of] : state.ranks)
        metrics.sample(of.lost ? 0.0 : 1.0, "rank", fmt::format("{}", rank));
}

}  // namespace

std::string metrics_text(RunState const& state) {
    study::Progress const& progress = state.progress;
    Metrics metrics(state.facts);
    metrics.family("experiments", "gauge", "Experiments by status.");
    metrics.sample(progress.done, "status", "done");
    metrics.sample(progress.running, "status", "running");
    metrics.sample(progress.failed, "status", "failed");
    metrics.sample(progress.skipped, "status", "skipped");
    metrics.sample(progress.total - progress.done - progress.failed - progress.running, "status", "pending");
    metrics.family("attempts_total", "counter", "Attempts that have ended in this run, by outcome.");
    for (auto const& [outcome, count] : state.attempts) metrics.sample(count, "outcome", outcome);
    metrics.family("elapsed_seconds", "gauge", "Seconds since the run began.");
    metrics.sample(state.now - state.started);
    metrics.family("left_seconds", "gauge", "Expected seconds until the end.");
    metrics.sample(seconds_left(progress));
    metrics.family("running", "gauge", "1 while the run lasts.");
    metrics.sample(state.phase == RunPhase::finished ? 0.0 : 1.0);
    metrics.family("updated_timestamp_seconds", "gauge", "When these numbers were written.");
    metrics.sample(std::floor(state.now));
    metrics.family("study_file_bytes", "gauge", "Size of the study file.");
    metrics.sample(state.file_bytes);
    add_ranks(metrics, state);
    return metrics.take();
}

}  // namespace vaster::monitor
