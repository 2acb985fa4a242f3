#include "vaster/study/config.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "base/support/hash.hpp"
#include "base/support/units.hpp"
#include "vaster/study/own_words.hpp"
#include "vaster/study/study.hpp"

namespace vaster::study {
namespace {

/// "models.xgboost.eta" as ("models.xgboost", "eta").
std::pair<std::string_view, std::string_view> parts_of(std::string_view key) {
    std::size_t const dot = key.rfind('.');
    if (dot == std::string_view::npos)
        throw std::logic_error(fmt::format("config key '{}' names no table", key));
    return {key.substr(0, dot), key.substr(dot + 1)};
}

/// The lines of a text without their ends.
std::vector<std::string> lines_of(std::string const& text) {
    std::vector<std::string> lines;
    std::size_t start = 0;
    while (start < text.size()) {
        std::size_t const end = std::min(text.find('\n', start), text.size());
        lines.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return lines;
}

std::map<std::string, std::string> pairs_of(std::string const& result_lines) {
    std::map<std::string, std::string> pairs;
    for (auto const& line : lines_of(result_lines)) {
        std::size_t const sign = line.find(" = ");
        if (sign != std::string::npos) pairs.emplace(line.substr(0, sign), line.substr(sign + 3));
    }
    return pairs;
}

/// Gives keys the words that a kind has for them.
void explain(std::vector<KeyTable>& tables, std::vector<KeyDoc> const& docs) {
    for (auto& table : tables)
        for (auto& key : table.keys)
            for (auto const& one : docs)
                if (one.table == table.name && one.key == key.name) key.doc = one.doc;
}

/// A command of the user; empty: none.
Parameter command(std::string name, std::string doc) {
    return {.name = std::move(name), .standard = "", .doc = std::move(doc), .effect = Effect::operation};
}

KeyTable alert_table() {
    return {
        "alerts",
        "Commands that are run when something happens; VASTER_EVENT, VASTER_REASON and counts are in their "
        "environment",
        {
            command("first_failure", "shell command when the first experiment is given up; empty: none"),
            command("failures",
                    "shell command when more than failure_share of all experiments were given up"),
            {.name = "failure_share",
             .standard = 0.1,
             .doc = "share of all experiments",
             .bounds = {.at_least = 0, .below = 1},
             .effect = Effect::operation},
            command("stall", "shell command when no result has come for stall_after"),
            {.name = "stall_after",
             .standard = "30m",
             .doc = "time without a result",
             .bounds = {.above = 0},
             .effect = Effect::operation,
             .format = Format::duration},
            command("finish", "shell command at the end of a run, complete or not"),
            {.name = "timeout",
             .standard = "1m",
             .doc = "a command that takes longer is killed",
             .bounds = {.above = 0},
             .effect = Effect::operation,
             .format = Format::duration},
        }};
}

}  // namespace

Config::Config(std::vector<KeyTable> tables) : tables_(std::move(tables)) {
    for (auto const& table : tables_)
        if (!values_.emplace(table.name, Parameters(table.keys)).second)
            throw std::logic_error(fmt::format("config table [{}] is declared twice", table.name));
}

Value const& Config::value(std::string_view key) const {
    auto const [table, name] = parts_of(key);
    return this->table(table).value(name);
}

void Config::set(std::string_view key, Value value) {
    auto const [table, name] = parts_of(key);
    auto const place = values_.find(table);
    if (place == values_.end())
        throw std::logic_error(fmt::format("config table [{}] was never declared", table));
    place->second.set(name, std::move(value));
}

double Config::seconds(std::string_view key) const {
    return parse_duration(get<std::string>(key)).value();
}

std::uint64_t Config::bytes(std::string_view key) const {
    return parse_bytes(get<std::string>(key)).value();
}

Parameters const& Config::table(std::string_view name) const {
    auto const place = values_.find(name);
    if (place == values_.end())
        throw std::logic_error(fmt::format("config table [{}] was never declared", name));
    return place->second;
}

std::vector<KeyTable> common_tables() {
    return {
        {"study",
         "What is studied and where the results go",
         {
             {.name = "kind", .standard = "", .doc = "kind of study", .flag = "--kind"},
             {.name = "name", .standard = "study", .doc = "name for people", .effect = Effect::operation},
             {.name = "seed",
              .standard = std::int64_t{42},
              .doc = "seed of every random stream of the study",
              .bounds = {.at_least = 0},
              .flag = "--seed"},
             {.name = "output",
              .standard = "study.h5",
              .doc = "the study file; relative to the working directory",
              .effect = Effect::operation,
              .flag = "--output"},
         }},
        {"run",
         "How it is run; none of these change results",
         {
             {.name = "timeout",
              .standard = "1h",
              .doc = "longest time for one fit, and for one experiment after it",
              .bounds = {.above = 0},
              .effect = Effect::operation,
              .format = Format::duration,
              .flag = "--timeout"},
             {.name = "memory",
              .standard = "4GiB",
              .doc = "most memory for the process that computes a task",
              .bounds = {.at_least = 32 * 1048576.0},
              .effect = Effect::operation,
              .format = Format::bytes,
              .flag = "--memory"},
             {.name = "retries",
              .standard = std::int64_t{3},
              .doc = "new attempts after a crash or a timeout; errors of a model are not retried",
              .bounds = {.at_least = 0, .at_most = 100},
              .effect = Effect::operation,
              .flag = "--retries"},
             {.name = "retry_delay",
              .standard = "5s",
              .doc = "wait before the first new attempt; doubles with each",
              .bounds = {.at_least = 0},
              .effect = Effect::operation,
              .format = Format::duration},
             {.name = "durability",
              .standard = "group",
              .doc = "when results are synced to disk: commit: each at once; group: once a second; none: at "
                     "the end",
              .choices = {"commit", "group", "none"},
              .effect = Effect::operation,
              .flag = "--durability"},
             {.name = "max_time",
              .standard = "0s",
              .doc = "time for this run, after which it stops as if asked to; nothing is begun that is not "
                     "expected to end in it. 0: as long as it takes, or until the end of the Slurm job",
              .bounds = {.at_least = 0},
              .effect = Effect::operation,
              .format = Format::duration,
              .flag = "--max-time"},
             {.name = "cost_cache",
              .standard = "user",
              .doc =
                  "folder in which is kept what experiments of this kind have taken, so that the next study "
                  "hands out long ones first from the start; changes no result. user: vaster in "
                  "$XDG_CACHE_HOME or ~/.cache; empty: none",
              .effect = Effect::operation},
             {.name = "silence",
              .standard = "10s",
              .doc = "a rank on another host of whose process no sign has come for so long counts as lost "
                     "(after three times as long where the network does not carry these signs, UDP); one on "
                     "the host of rank 0 is missed at once",
              .bounds = {.at_least = 3},
              .effect = Effect::operation,
              .format = Format::duration},
             {.name = "threads",
              .standard = std::int64_t{0},
              .doc = "threads of one computation, where it can use them; start more ranks instead where "
                     "there is work for them. 0: as many as the rank has cores to itself where fewer fit "
                     "groups are left than all ranks have cores, else one",
              .bounds = {.at_least = 0, .at_most = 1024},
              .effect = Effect::operation},
         }},
        alert_table(),
    };
}

std::vector<KeyTable> all_tables(Kind const& kind) {
    std::vector<KeyTable> tables = common_tables();
    std::vector<KeyTable> own = kind.tables();
    tables.insert(tables.begin() + 1, own.begin(), own.end());
    for (auto& table : tables)
        for (auto& key : table.keys)
            if (table.name == "study" && key.name == "kind") key.standard = kind.name();
    if (auto const* const with_words = dynamic_cast<HasOwnWords const*>(&kind))
        explain(tables, with_words->key_docs());
    return tables;
}

std::string to_toml(Config const& config) {
    std::string text;
    for (auto const& table : config.tables()) {
        text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", table.name);
        for (auto const& key : table.keys)
            text +=
                fmt::format("{} = {}\n", key.name, vaster::to_toml(config.table(table.name).value(key.name)));
    }
    return text;
}

std::string result_lines(Kind const& kind, Config const& config) {
    std::string text;
    for (auto const& table : config.tables()) {
        if (!kind.relevant(config, table.name)) continue;
        for (auto const& key : table.keys)
            if (key.effect == Effect::result)
                text += fmt::format("{}.{} = {}\n", table.name, key.name,
                                    vaster::to_toml(config.table(table.name).value(key.name)));
    }
    return text;
}

std::string config_hash(Kind const& kind, Config const& config) {
    return hash_text(result_lines(kind, config));
}

std::vector<std::string> differences(std::string const& old_lines, std::string const& new_lines) {
    auto const before = pairs_of(old_lines);
    auto const after = pairs_of(new_lines);
    std::vector<std::string> found;
    for (auto const& [key, value] : before) {
        auto const now = after.find(key);
        if (now == after.end())
            found.push_back(fmt::format("{}: {} -> (not there)", key, value));
        else if (now->second != value)
            found.push_back(fmt::format("{}: {} -> {}", key, value, now->second));
    }
    for (auto const& [key, value] : after)
        if (!before.contains(key)) found.push_back(fmt::format("{}: (not there) -> {}", key, value));
    return found;
}

}  // namespace vaster::study
