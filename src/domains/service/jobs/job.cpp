#include "domains/service/jobs/job.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "vaster/study/identity.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

using Json = nlohmann::json;

/// Writes members into an object of JSON; those that are not given are left out.
class Putter {
  public:
    explicit Putter(Json& json) : json_(json) {}

    template <class T>
    void operator()(char const* key, T const& value) const {
        json_[key] = value;
    }

    template <class T>
    void operator()(char const* key, std::optional<T> const& value) const {
        if (value) json_[key] = *value;
    }

    template <class T>
    void operator()(char const* key, std::vector<T> const& values) const {
        if (!values.empty()) json_[key] = values;
    }

    void operator()(char const* key, std::string const& text) const {
        if (!text.empty()) json_[key] = text;
    }

  private:
    Json& json_;
};

/// The other direction: members that the object does not have stay as they are.
class Taker {
  public:
    explicit Taker(Json const& json) : json_(json) {}

    template <class T>
    void operator()(char const* key, T& value) const {
        if (json_.contains(key)) json_.at(key).get_to(value);
    }

    template <class T>
    void operator()(char const* key, std::optional<T>& value) const {
        if (json_.contains(key)) value = json_.at(key).get<T>();
    }

  private:
    Json const& json_;
};

/// @param table  TableWork, constant or not. @param each  Putter or Taker
template <class Table, class Each>
void visit_table(Table& table, Each const& each) {
    each("input", table.input);
    each("output", table.output);
    each("columns", table.columns);
    each("by", table.by);
    each("quantiles", table.quantiles);
    each("where", table.where);
    each("make", table.make);
    each("column", table.column);
    each("fold", table.fold);
    each("initial", table.initial);
    each("bins", table.bins);
    each("edges", table.edges);
    each("share", table.share);
    each("number", table.number);
    each("seed", table.seed);
    each("model", table.model);
    each("flags", table.flags);
}

/// The members of a job that are the same in a file and in memory.
template <class AnyJob, class Each>
void visit_job(AnyJob& job, Each const& each) {
    each("job", job.number);
    each("name", job.name);
    each("arguments", job.arguments);
    each("outputs", job.outputs);
    each("after", job.after);
    each("timeout", job.limits.timeout_seconds);
    each("memory", job.limits.memory_bytes);
    each("retries", job.limits.retries);
    each("retry_delay", job.limits.retry_delay_seconds);
    each("backoff", job.limits.backoff);
    each("priority", job.limits.priority);
    each("no_retry_codes", job.limits.no_retry_codes);
    each("expected", job.expected_seconds);
}

Json json_of(TableWork const& table) {
    auto json = Json::object();
    visit_table(table, Putter(json));
    return json;
}

TableWork table_of(Json const& json) {
    TableWork table;
    visit_table(table, Taker(json));
    return table;
}

Json json_of(Job const& job) {
    Json json{{"work", work_names()[static_cast<std::size_t>(job.work)]}};
    visit_job(job, Putter(json));
    if (job.block != job.name) json["block"] = job.block;
    if (!is_command(job.work)) json["table"] = json_of(job.table);
    for (auto const& input : job.inputs) json["inputs"].push_back({input.path, input.hash});
    return json;
}

Work work_of(std::string const& name) {
    auto const& names = work_names();
    auto const place = std::find(names.begin(), names.end(), name);
    require<DataError>(place != names.end(), "a kept job does '{}', which this version does not know", name);
    return static_cast<Work>(place - names.begin());
}

Job job_of(Json const& json) {
    Job job;
    visit_job(job, Taker(json));
    job.block = json.value("block", job.name);
    job.work = work_of(json.at("work").get<std::string>());
    if (json.contains("table")) job.table = table_of(json.at("table"));
    if (json.contains("inputs"))
        for (auto const& input : json.at("inputs"))
            job.inputs.push_back({input.at(0).get<std::string>(), input.at(1).get<std::string>()});
    return job;
}

/// Nothing in a path that would have to be resolved: it stands for itself.
bool is_normal(std::string_view path) {
    return path.find("//") == std::string_view::npos && path.find("./") == std::string_view::npos &&
           !path.ends_with('/') && !path.ends_with('.');
}

/// Parts of an identity, with their lengths so that no two lists of parts make one text.
void add_part(std::string& text, std::string_view part) {
    text += fmt::format("{}:{};", part.size(), part);
}

}  // namespace

std::vector<std::string> const& work_names() {
    static std::vector<std::string> const names{"command", "shell",     "describe", "filter", "map",
                                                "reduce",  "histogram", "sample",   "predict"};
    return names;
}

ExperimentId id_of(Job const& job) {
    std::string text;
    add_part(text, job.name);
    add_part(text, work_names()[static_cast<std::size_t>(job.work)]);
    for (auto const& argument : job.arguments) add_part(text, argument);
    if (!is_command(job.work)) add_part(text, json_of(job.table).dump());
    for (auto const& input : job.inputs) {
        add_part(text, input.path);
        add_part(text, input.hash);
    }
    return study::identity_of(text);
}

std::string to_lines(JobList const& list) {
    std::string lines = Json{{"directory", list.directory}, {"jobs", list.jobs.size()}}.dump() + "\n";
    for (auto const& job : list.jobs) lines += json_of(job).dump() + "\n";
    return lines;
}

JobList jobs_from_lines(std::string_view lines) {
    auto const next_line = [&] {
        auto const end = std::min(lines.find('\n'), lines.size());
        auto const line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 1, lines.size()));
        return Json::parse(line);
    };
    try {
        JobList list;
        auto const head = next_line();
        list.directory = head.at("directory").get<std::string>();
        auto const count = head.at("jobs").get<std::size_t>();
        while (!lines.empty()) list.jobs.push_back(job_of(next_line()));
        require<DataError>(list.jobs.size() == count, "{} jobs are kept where there should be {}",
                           list.jobs.size(), count);
        return list;
    } catch (Json::exception const& error) {
        throw DataError(fmt::format("the kept jobs cannot be read: {}", error.what()));
    }
}

std::string in_directory(JobList const& list, std::string const& path) {
    bool const is_simple = !path.empty() && path.front() != '/' && is_normal(path) &&
                           !list.directory.empty() && is_normal(list.directory);
    if (is_simple) return fmt::format("{}/{}", list.directory, path);
    return (std::filesystem::path(list.directory) / path).lexically_normal().string();
}

std::string text_of(Job const& job) {
    if (job.work == Work::shell) return job.arguments.front();
    if (job.work == Work::command) return fmt::format("{}", fmt::join(job.arguments, " "));
    auto const& name = work_names()[static_cast<std::size_t>(job.work)];
    if (job.work == Work::predict)
        return fmt::format("{} {} {} > {}", name, job.table.model, job.table.input, job.table.output);
    return fmt::format("{} {} > {}", name, job.table.input, job.table.output);
}

}  // namespace vaster::service
