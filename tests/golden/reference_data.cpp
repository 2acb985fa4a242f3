#include "reference_data.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace vaster::golden {
namespace {

std::vector<std::string> split(std::string const& line) {
    std::vector<std::string> cells(1);
    for (char const c : line)
        if (c == ',')
            cells.emplace_back();
        else if (c != '\r')
            cells.back() += c;
    return cells;
}

table::Answer answer(std::string const& text) {
    if (text == "Y") return table::Answer::present;
    if (text == ".") return table::Answer::missing;
    if (text.empty()) return table::Answer::absent;
    throw std::runtime_error("unknown answer: " + text);
}

}  // namespace

SimpleCsv::SimpleCsv(std::filesystem::path const& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    names_ = split(line);
    while (std::getline(file, line)) {
        rows_.push_back(split(line));
        if (rows_.back().size() != names_.size()) throw std::runtime_error("ragged row in " + path.string());
    }
    if (rows_.empty()) throw std::runtime_error("no rows in " + path.string());
}

std::string const& SimpleCsv::cell(std::size_t row, std::string const& column) const {
    auto const place = std::find(names_.begin(), names_.end(), column);
    if (place == names_.end()) throw std::runtime_error("no column " + column);
    return rows_[row][static_cast<std::size_t>(place - names_.begin())];
}

EncodedDeaths read_encoded(std::filesystem::path const& path) {
    constexpr std::size_t first_symptom = 3;
    SimpleCsv const csv(path);
    EncodedDeaths deaths;
    for (std::size_t i = 0; i < csv.n_rows(); ++i) deaths.labels.push_back(csv.cell(i, "va34"));
    std::sort(deaths.labels.begin(), deaths.labels.end());
    deaths.labels.erase(std::unique(deaths.labels.begin(), deaths.labels.end()), deaths.labels.end());
    deaths.answers = table::AnswerMatrix(csv.n_rows(), csv.names().size() - first_symptom);
    for (std::size_t i = 0; i < csv.n_rows(); ++i) {
        auto const place = std::lower_bound(deaths.labels.begin(), deaths.labels.end(), csv.cell(i, "va34"));
        deaths.causes.push_back(static_cast<std::uint32_t>(place - deaths.labels.begin()));
        auto const row = deaths.answers.row(i);
        for (std::size_t s = 0; s < row.size(); ++s) row[s] = answer(csv.cell(i, first_symptom + s));
    }
    return deaths;
}

Splits read_splits(std::filesystem::path const& path) {
    SimpleCsv const csv(path);
    Splits splits;
    for (std::size_t i = 0; i < csv.n_rows(); ++i)
        if (csv.cell(i, "label") == "va34")
            splits[{csv.cell(i, "site"), csv.cell(i, "part")}].push_back(
                static_cast<std::uint32_t>(std::stoul(csv.cell(i, "row"))));
    return splits;
}

}  // namespace vaster::golden
