// Records of a stream: how fast they are taken apart, beside the same lines through simdjson alone.
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "domains/stream/records/generator.hpp"
#include "domains/stream/records/parser.hpp"

namespace {

using namespace vaster;

/// Lines of a made-up stream with its usual faults, and the readable bytes after them.
std::string lines_of(std::string_view set) {
    stream::GeneratorSettings settings;
    settings.set = stream::find_data_set(set);
    stream::Generator const generator(settings);
    std::string text;
    for (std::uint64_t record = 0; text.size() < (std::size_t{16} << 20); ++record)
        generator.append_senml(record, text);
    return text + std::string(stream::line_padding, '\0');
}

template <class Take>
std::size_t for_each_line(std::string const& text, Take take) {
    std::string_view rest(text.data(), text.size() - stream::line_padding);
    std::size_t n = 0;
    while (!rest.empty()) {
        auto const end = rest.find('\n');
        take(rest.substr(0, end));
        rest.remove_prefix(end + 1);
        ++n;
    }
    return n;
}

char const* const set_names[] = {"SYS", "FIT", "GRID", "TAXI"};

void parse(benchmark::State& state) {
    auto const* const name = set_names[state.range(0)];
    auto const& set = *stream::find_data_set(name);
    std::string const text = lines_of(name);
    auto const parser = stream::make_senml_parser(
        {std::string(set.id()), std::vector<std::string>(set.observed.begin(), set.observed.end())});
    std::size_t n = 0;
    for (auto _ : state) {
        std::size_t good = 0;
        n += for_each_line(text, [&](std::string_view line) {
            stream::Record record;
            if (!parser->parse(line, record)) ++good;
        });
        benchmark::DoNotOptimize(good);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(n));
    state.SetLabel(name);
}

/// The peer: the JSON of each line as simdjson's document, all entries visited.
void simdjson_document(benchmark::State& state) {
    auto const* const name = set_names[state.range(0)];
    std::string const text = lines_of(name);
    simdjson::dom::parser parser;
    std::size_t n = 0;
    for (auto _ : state) {
        std::size_t length = 0;
        n += for_each_line(text, [&](std::string_view line) {
            auto const body = line.substr(line.find(',') + 1);
            simdjson::dom::array entries;
            if (parser.parse(body.data(), body.size(), false)["e"].get(entries) != simdjson::SUCCESS) return;
            for (auto const entry : entries) {
                std::string_view value;
                if (entry["v"].get(value) == simdjson::SUCCESS) length += value.size();
            }
        });
        benchmark::DoNotOptimize(length);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(n));
    state.SetLabel(name);
}

BENCHMARK(parse)->DenseRange(0, 3);
BENCHMARK(simdjson_document)->DenseRange(0, 3);

}  // namespace

BENCHMARK_MAIN();
