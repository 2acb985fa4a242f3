// The CSV reader on any bytes: a table, or one DataError that names the place.
#include <cstdint>
#include <string_view>

#include "base/csv/csv.hpp"
#include "vaster/support/errors.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using vaster::csv::CsvReader;
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    try {
        auto reader = CsvReader::from_text(text, "fuzz.csv", {.max_row_bytes = 1 << 16, .chunk_bytes = 64});
        while (reader.next())
            if (reader.cells().size() != reader.header().size() || reader.line() == 0) __builtin_trap();
        if (reader.content_hash().empty()) __builtin_trap();
    } catch (vaster::DataError const& error) {
        if (std::string_view(error.what()).find("fuzz.csv") == std::string_view::npos) __builtin_trap();
    }
    return 0;
}
