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

template <class T>
void put(Json& to, char const* key, std::optional<T> const& value) {
    if (value) to[key] = *value;
}

template <class T>
void put_unless_empty(Json& to, char const* key, T const& value) {
    if (!value.empty()) to[key] = value;
}

template <class T>
void take(Json const& from, char const* key, T& value) {
    if (from.contains(key)) from.at(key).get_to(value);
}

template <class T>
void take(Json const& from, char const* key, std::optional<T>& value) {
    if (from.contains(key)) value = from.at(key).get<T>();
}

Json json_of(TableWork const& table) {
    Json json{{"input", table.input}, {"output", table.output}, {"fold", table.fold}};
    put_unless_empty(json, "columns", table.columns);
    put_unless_empty(json, "by", table.by);
    put_unless_empty(json, "quantiles", table.quantiles);
    put_unless_empty(json, "where", table.where);
    put_unless_empty(json, "make", table.make);
    put_unless_empty(json, "column", table.column);
    put(json, "initial", table.initial);
    put(json, "bins", table.bins);
    put_unless_empty(json, "edges", table.edges);
    put(json, "share", table.share);
    put(json, "number", table.number);
    put(json, "seed", table.seed);
    return json;
}

TableWork table_of(Json const& json) {
    TableWork table;
    take(json, "input", table.input);
    take(json, "output", table.output);
    take(json, "columns", table.columns);
    take(json, "by", table.by);
    take(json, "quantiles", table.quantiles);
    take(json, "where", table.where);
    take(json, "make", table.make);
    take(json, "column", table.column);
    take(json, "fold", table.fold);
    take(json, "initial", table.initial);
    take(json, "bins", table.bins);
    take(json, "edges", table.edges);
    take(json, "share", table.share);
    take(json, "number", table.number);
    take(json, "seed", table.seed);
    return table;
}

Json json_of(Job const& job) {
    Json json{
        {"job", job.number}, {"name", job.name}, {"work", work_names()[static_cast<std::size_t>(job.work)]}};
    if (job.block != job.name) json["block"] = job.block;
    put_unless_empty(json, "arguments", job.arguments);
    if (!is_command(job.work)) json["table"] = json_of(job.table);
    for (auto const& input : job.inputs) json["inputs"].push_back({input.path, input.hash});
    put_unless_empty(json, "outputs", job.outputs);
    put_unless_empty(json, "after", job.after);
    put(json, "timeout", job.limits.timeout_seconds);
    put(json, "memory", job.limits.memory_bytes);
    put(json, "retries", job.limits.retries);
    put(json, "retry_delay", job.limits.retry_delay_seconds);
    put(json, "backoff", job.limits.backoff);
    put(json, "priority", job.limits.priority);
    put(json, "no_retry_codes", job.limits.no_retry_codes);
    json["expected"] = job.expected_seconds;
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
    take(json, "job", job.number);
    take(json, "name", job.name);
    job.block = job.name;
    take(json, "block", job.block);
    job.work = work_of(json.at("work").get<std::string>());
    take(json, "arguments", job.arguments);
    if (json.contains("table")) job.table = table_of(json.at("table"));
    if (json.contains("inputs"))
        for (auto const& input : json.at("inputs"))
            job.inputs.push_back({input.at(0).get<std::string>(), input.at(1).get<std::string>()});
    take(json, "outputs", job.outputs);
    take(json, "after", job.after);
    take(json, "timeout", job.limits.timeout_seconds);
    take(json, "memory", job.limits.memory_bytes);
    take(json, "retries", job.limits.retries);
    take(json, "retry_delay", job.limits.retry_delay_seconds);
    take(json, "backoff", job.limits.backoff);
    take(json, "priority", job.limits.priority);
    take(json, "no_retry_codes", job.limits.no_retry_codes);
    take(json, "expected", job.expected_seconds);
    return job;
}

/// Parts of an identity, with their lengths so that no two lists of parts make one text.
void add_part(std::string& text, std::string_view part) {
    text += fmt::format("{}:{};", part.size(), part);
}

}  // namespace

std::vector<std::string> const& work_names() {
    static std::vector<std::string> const names{"command", "shell",  "describe",  "filter",
                                                "map",     "reduce", "histogram", "sample"};
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
    return (std::filesystem::path(list.directory) / path).lexically_normal().string();
}

std::string text_of(Job const& job) {
    if (job.work == Work::shell) return job.arguments.front();
    if (job.work == Work::command) return fmt::format("{}", fmt::join(job.arguments, " "));
    return fmt::format("{} {} > {}", work_names()[static_cast<std::size_t>(job.work)], job.table.input,
                       job.table.output);
}

}  // namespace vaster::service
