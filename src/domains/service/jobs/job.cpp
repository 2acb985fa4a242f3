#include "domains/service/jobs/job.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <map>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "vaster/study/identity.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

using Json = nlohmann::json;

template <class Number>
void append_json(std::string& text, Number number) requires std::is_integral_v<Number> {
    char digits[24];
    text.append(digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr);
}

/// Few numbers differ: those of the standard quantiles, say, come with every operation.
void append_json(std::string& text, double number) {
    constexpr std::size_t most_known = 100;
    thread_local std::map<std::uint64_t, std::string> known;  // by their bits: 0 is not -0
    if (known.size() > most_known) known.clear();
    auto const [place, is_new] = known.try_emplace(std::bit_cast<std::uint64_t>(number));
    if (is_new) place->second = Json(number).dump();
    text += place->second;
}

/// Most texts stand for themselves.
void append_json(std::string& text, std::string const& value) {
    bool const is_plain = std::all_of(value.begin(), value.end(),
                                      [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
    if (is_plain) {
        text += '"';
        text += value;
        text += '"';
    } else {
        text += Json(value).dump();
    }
}

void append_json(std::string& text, JobInput const& input) {
    text += '[';
    append_json(text, input.path);
    text += ',';
    append_json(text, input.hash);
    text += ']';
}

template <class T>
void append_json(std::string& text, std::vector<T> const& values) {
    text += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) text += ',';
        append_json(text, values[i]);
    }
    text += ']';
}

/// Writes the members of an object of JSON, in order of their keys, as a text; those that are not given are
/// left out.
class Putter {
  public:
    explicit Putter(std::string& text) : text_(text) {}

    template <class T>
    void operator()(char const* key, T const& value) {
        name(key);
        append_json(text_, value);
    }

    template <class T>
    void operator()(char const* key, std::optional<T> const& value) {
        if (!value) return;
        name(key);
        append_json(text_, *value);
    }

    template <class T>
    void operator()(char const* key, std::vector<T> const& values) {
        if (values.empty()) return;
        name(key);
        append_json(text_, values);
    }

    void operator()(char const* key, std::string const& text) {
        if (text.empty()) return;
        name(key);
        append_json(text_, text);
    }

    void operator()(char const* key, TableWork const& table);

    void end() { text_ += std::exchange(before_, ',') == '{' ? "{}" : "}"; }

  private:
    void name(char const* key) {
        text_ += std::exchange(before_, ',');
        text_ += '"';
        text_ += key;
        text_ += "\":";
    }

    std::string& text_;
    char before_ = '{';
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

/// In order of the keys. @param table  TableWork, constant or not. @param each  Putter or Taker
template <class Table, class Each>
void visit_table(Table& table, Each& each) {
    each("bins", table.bins);
    each("by", table.by);
    each("column", table.column);
    each("columns", table.columns);
    each("edges", table.edges);
    each("flags", table.flags);
    each("fold", table.fold);
    each("initial", table.initial);
    each("input", table.input);
    each("make", table.make);
    each("model", table.model);
    each("number", table.number);
    each("output", table.output);
    each("quantiles", table.quantiles);
    each("seed", table.seed);
    each("share", table.share);
    each("where", table.where);
}

void Putter::operator()(char const* key, TableWork const& table) {
    name(key);
    Putter members(text_);
    visit_table(table, members);
    members.end();
}

void append_json(std::string& text, Job const& job) {
    Putter put(text);
    put("after", job.after);
    put("arguments", job.arguments);
    put("backoff", job.limits.backoff);
    if (job.block != job.name) {
        std::optional<std::string> const block = job.block;
        put("block", block);
    }
    put("expected", job.expected_seconds);
    put("inputs", job.inputs);
    put("job", job.number);
    put("memory", job.limits.memory_bytes);
    put("name", job.name);
    put("no_retry_codes", job.limits.no_retry_codes);
    put("outputs", job.outputs);
    put("priority", job.limits.priority);
    put("retries", job.limits.retries);
    put("retry_delay", job.limits.retry_delay_seconds);
    if (!is_command(job.work)) put("table", job.table);
    put("timeout", job.limits.timeout_seconds);
    put("work", work_names()[static_cast<std::size_t>(job.work)]);
    put.end();
}

/// The members of a job that are the same in a file and in memory.
template <class Each>
void visit_job(Job& job, Each& each) {
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

TableWork table_of(Json const& json) {
    TableWork table;
    Taker const take(json);
    visit_table(table, take);
    return table;
}

JobWork work_of(std::string const& name) {
    auto const& names = work_names();
    auto const place = std::find(names.begin(), names.end(), name);
    require<DataError>(place != names.end(), "a kept job does '{}', which this version does not know", name);
    return static_cast<JobWork>(place - names.begin());
}

Job job_of(Json const& json) {
    Job job;
    Taker const take(json);
    visit_job(job, take);
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
    append_json(text, part.size());
    text += ':';
    text += part;
    text += ';';
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
    if (!is_command(job.work)) {
        std::string table;
        Putter put(table);
        visit_table(job.table, put);
        put.end();
        add_part(text, table);
    }
    for (auto const& input : job.inputs) {
        add_part(text, input.path);
        add_part(text, input.hash);
    }
    return study::identity_of(text);
}

std::string to_lines(JobList const& list) {
    std::string lines = Json{{"directory", list.directory}, {"jobs", list.jobs.size()}}.dump() + "\n";
    for (auto const& job : list.jobs) {
        append_json(lines, job);
        lines += '\n';
    }
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
        list.jobs.reserve(std::min(count, lines.size()));
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
    if (job.work == JobWork::shell) return job.arguments.front();
    if (job.work == JobWork::command) return fmt::format("{}", fmt::join(job.arguments, " "));
    auto const& name = work_names()[static_cast<std::size_t>(job.work)];
    if (job.work == JobWork::predict)
        return fmt::format("{} {} {} > {}", name, job.table.model, job.table.input, job.table.output);
    if (is_kept_in_study(job)) return fmt::format("{} {}", name, job.table.input);
    return fmt::format("{} {} > {}", name, job.table.input, job.table.output);
}

}  // namespace vaster::service
