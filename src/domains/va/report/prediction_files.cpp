#include "domains/va/report/prediction_files.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/csv/csv.hpp"
#include "base/support/files.hpp"
#include "base/support/temporary_file.hpp"
#include "core/report/json_text.hpp"
#include "core/store/kept_data.hpp"
#include "domains/va/data/spellings.hpp"
#include "domains/va/prediction/new_deaths.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

namespace fs = std::filesystem;
using Buffer = fmt::memory_buffer;

/// A file that is written piece by piece and appears as a whole.
class GrowingFile {
  public:
    explicit GrowingFile(fs::path path) : path_(std::move(path)), file_(path_) {
        out_.open(file_.path(), std::ios::binary | std::ios::trunc);
        check();
    }

    void write(Buffer& text) {
        out_.write(text.data(), static_cast<std::streamsize>(text.size()));
        text.clear();
        check();
    }

    void finish() {
        out_.close();
        check();
        file_.become(path_);
    }

  private:
    void check() const {
        require<IoError>(out_.good(), "cannot write {}: is the disk full?", path_.string());
    }

    fs::path path_;
    TemporaryFile file_;
    std::ofstream out_;
};

void put(Buffer& out, std::string_view text) {
    out.append(text.data(), text.data() + text.size());
}

/// A cell as RFC 4180 has it.
void put_cell(Buffer& out, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        put(out, text);
        return;
    }
    out.push_back('"');
    for (char const c : text) {
        if (c == '"') out.push_back('"');
        out.push_back(c);
    }
    out.push_back('"');
}

/// Nine significant digits; nothing for a number that is missing.
void put_number(Buffer& out, double number) {
    if (!std::isnan(number)) fmt::format_to(std::back_inserter(out), "{:.9g}", number);
}

/// The deaths of a study in the order of their rows.
class DeathsInOrder {
  public:
    struct Death {
        DeathRow const& row;
        std::span<double const> probability;  ///< empty unless all are kept
    };

    explicit DeathsInOrder(store::Reader const& study, PredictionLayout const& layout)
        : study_(study), layout_(layout) {
        if (!layout.batches) return;
        for (std::size_t i = 0; i < study.size(); ++i) batches_.push_back(unpacked(study.arrays(i), layout));
        cursors_.resize(batches_.size());
    }

    /// The next death; nothing: there are no more.
    std::optional<Death> next() { return layout_.batches ? next_of_batches() : next_of_blocks(); }

  private:
    [[nodiscard]] Death death(BlockArrays const& block, std::size_t i) const {
        std::span<double const> probability(block.probability);
        if (layout_.all) probability = probability.subspan(i * layout_.n_causes, layout_.n_causes);
        return {block.deaths[i], probability};
    }

    std::optional<Death> next_of_blocks() {
        while (at_ == block_.deaths.size()) {
            if (next_block_ == study_.size()) return std::nullopt;
            block_ = unpacked(study_.arrays(next_block_++), layout_);
            at_ = 0;
        }
        return death(block_, at_++);
    }

    std::optional<Death> next_of_batches() {
        for (std::size_t b = 0; b < batches_.size(); ++b) {
            auto const& deaths = batches_[b].deaths;
            if (cursors_[b] == deaths.size() || deaths[cursors_[b]].row != row_) continue;
            ++row_;
            return death(batches_[b], cursors_[b]++);
        }
        return std::nullopt;
    }

    store::Reader const& study_;
    PredictionLayout layout_;
    BlockArrays block_;
    std::size_t at_ = 0;
    std::size_t next_block_ = 0;
    std::vector<BlockArrays> batches_;
    std::vector<std::size_t> cursors_;
    std::int64_t row_ = 0;
};

/// Writes NAME.csv.
class RowWriter {
  public:
    RowWriter(PredictionResults const& results, PredictionFiles const& files, Scan const& scan,
              std::string const& id)
        : results_(results), files_(files), scan_(scan), stamp_(results.model.stamp()) {
        reader_.emplace(files.source.path,
                        csv::CsvOptions{.delimiter = scan.delimiter, .no_rows = csv::NoRows::accept});
        columns_ = columns_of_texts(id);
    }

    void write(store::Reader const& study) {
        GrowingFile file(with_suffix(files_.base, ".csv"));
        Buffer out;
        put_header(out);
        DeathsInOrder deaths(study, results_.layout);
        bool const reads_data = columns_.id || !columns_.keep.empty();
        std::uint64_t n = 0;
        while (auto const death = deaths.next()) {
            if (reads_data) require_row(reader_->next());
            put_death(out, *death);
            ++n;
            constexpr std::size_t piece = std::size_t{1} << 20U;
            if (out.size() > piece) file.write(out);
        }
        if (n != scan_.n_rows)
            throw std::logic_error(fmt::format("{} rows were predicted of {}", n, scan_.n_rows));
        if (reads_data) require_row(!reader_->next() && reader_->content_hash() == scan_.content_hash);
        file.write(out);
        file.finish();
    }

    static fs::path with_suffix(fs::path const& base, std::string_view suffix) {
        fs::path path = base;
        path += suffix;
        return path;
    }

  private:
    struct TextColumns {
        std::optional<std::size_t> id;
        std::vector<std::size_t> keep;
    };

    [[nodiscard]] TextColumns columns_of_texts(std::string const& id) const {
        TextColumns columns;
        auto const find = [&](std::string const& name) -> std::optional<std::size_t> {
            for (std::size_t j = 0; j < reader_->header().size(); ++j)
                if (tidied(reader_->header()[j]) == tidied(name)) return j;
            return std::nullopt;
        };
        if (!id.empty()) columns.id = find(id);
        for (auto const& name : files_.source.keep) {
            auto const column = find(name);
            require_row(column.has_value());
            columns.keep.push_back(*column);
        }
        return columns;
    }

    void require_row(bool holds) const {
        require<DataError>(holds, "{} has changed since the prediction; put the old file back",
                           files_.source.path.string());
    }

    void put_header(Buffer& out) const {
        bool const openva = files_.layout == CsvLayout::openva;
        put(out, openva ? "ID" : "row,id");
        for (std::size_t k = 1; k <= results_.layout.top; ++k)
            fmt::format_to(std::back_inserter(out), ",cause{0},{1}{0}", k, openva ? "prob" : "p");
        if (!openva) {
            put(out, ",flags");
            if (results_.layout.weighted == Weighted::yes) put(out, ",weight");
            if (files_.stamp) put(out, ",model");
        }
        if (results_.layout.all)
            for (auto const& cause : results_.causes) {
                out.push_back(',');
                put_cell(out, "p_" + cause);
            }
        for (auto const& name : files_.source.keep) {
            out.push_back(',');
            put_cell(out, name);
        }
        out.push_back('\n');
    }

    void put_death(Buffer& out, DeathsInOrder::Death const& death) const {
        bool const openva = files_.layout == CsvLayout::openva;
        auto const cells = reader_->cells();
        if (!openva) fmt::format_to(std::back_inserter(out), "{},", death.row.row);
        if (columns_.id)
            put_cell(out, trimmed(cells[*columns_.id]));
        else if (openva)
            fmt::format_to(std::back_inserter(out), "{}", death.row.row + 1);
        for (std::size_t k = 0; k < results_.layout.top; ++k) {
            out.push_back(',');
            put_cause(out, death.row, k, openva);
            out.push_back(',');
            put_number(out, death.row.probabilities[k]);
        }
        if (!openva) {
            out.push_back(',');
            put(out, flags_text(death.row.flags));
            if (results_.layout.weighted == Weighted::yes)
                fmt::format_to(std::back_inserter(out), ",{}", death.row.weight);
            if (files_.stamp) fmt::format_to(std::back_inserter(out), ",{}", stamp_);
        }
        for (double const probability : death.probability) {
            out.push_back(',');
            put_number(out, probability);
        }
        for (std::size_t const column : columns_.keep) {
            out.push_back(',');
            put_cell(out, cells[column]);
        }
        out.push_back('\n');
    }

    void put_cause(Buffer& out, DeathRow const& death, std::size_t k, bool openva) const {
        if (death.causes[k] >= 0)
            put_cell(out, results_.causes.at(static_cast<std::size_t>(death.causes[k])));
        else if (k == 0 && (death.flags & flag_unreadable) == 0)
            put(out, openva ? "Undetermined" : "undetermined");
    }

    PredictionResults const& results_;
    PredictionFiles const& files_;
    Scan const& scan_;
    std::string stamp_;
    std::optional<csv::CsvReader> reader_;
    TextColumns columns_;
};

void write_fractions(PredictionResults const& results, fs::path const& path) {
    Buffer out;
    put(out, "group,cause,csmf,transfer_lo,transfer_hi,sampling_lo,sampling_hi,top_count,n");
    if (results.confusion) put(out, ",calibrated,calibrated_lo,calibrated_hi");
    bool const has_weights = results.layout.weighted == Weighted::yes;
    put(out, has_weights ? ",sum_of_weights,n_effective\n" : "\n");
    for (auto const& row : results.fractions) {
        put_cell(out, row.group);
        out.push_back(',');
        put_cell(out, row.cause);
        for (double const number :
             {row.csmf, row.transfer_lo, row.transfer_hi, row.sampling_lo, row.sampling_hi}) {
            out.push_back(',');
            put_number(out, number);
        }
        fmt::format_to(std::back_inserter(out), ",{},{}", row.top_count, row.n);
        if (results.confusion)
            for (double const number : {row.calibrated, row.calibrated_lo, row.calibrated_hi}) {
                out.push_back(',');
                put_number(out, number);
            }
        if (has_weights)
            for (double const number : {row.sum_of_weights, row.n_effective}) {
                out.push_back(',');
                put_number(out, number);
            }
        out.push_back('\n');
    }
    write_file_atomically(path, {out.data(), out.size()});
}

using report::Json;

Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json drift_json(PredictionResults const& results) {
    Json symptoms = Json::array();
    for (auto const& one : results.drift.largest)
        symptoms.push_back({{"symptom", results.symptoms[one.symptom]},
                            {"present", number(one.seen.present_share())},
                            {"present_trained", number(one.trained.present_share())},
                            {"missing", number(one.seen.missing_share())},
                            {"missing_trained", number(one.trained.missing_share())}});
    return {{"symptoms", results.drift.n_symptoms},
            {"far_apart", results.drift.n_far},
            {"may_be_swapped", results.drift.may_be_swapped},
            {"largest", std::move(symptoms)}};
}

Json fractions_json(PredictionResults const& results) {
    Json rows = Json::array();
    for (auto const& row : results.fractions) {
        rows.push_back({{"group", row.group},
                        {"cause", row.cause},
                        {"csmf", number(row.csmf)},
                        {"transfer_lo", number(row.transfer_lo)},
                        {"transfer_hi", number(row.transfer_hi)},
                        {"sampling_lo", number(row.sampling_lo)},
                        {"sampling_hi", number(row.sampling_hi)},
                        {"top_count", row.top_count},
                        {"n", row.n}});
        if (results.layout.weighted == Weighted::yes) {
            rows.back()["sum_of_weights"] = number(row.sum_of_weights);
            rows.back()["n_effective"] = number(row.n_effective);
        }
        if (!results.confusion) continue;
        rows.back()["calibrated"] = number(row.calibrated);
        rows.back()["calibrated_lo"] = number(row.calibrated_lo);
        rows.back()["calibrated_hi"] = number(row.calibrated_hi);
    }
    return rows;
}

/// Share of the deaths on the diagonal.
double share_right(ConfusionCounts const& confusion) {
    std::size_t n = 0;
    while (n * n < confusion.deaths.size()) ++n;
    std::uint64_t right = 0;
    for (std::size_t c = 0; c < n; ++c) right += confusion.deaths[c * n + c];
    return static_cast<double>(right) / static_cast<double>(confusion.total());
}

void write_facts(store::Reader const& study, PredictionResults const& results, fs::path const& path) {
    auto const& cells = results.cells;
    Json json{{"filetype", "vaster-prediction"},
              {"program", study.header().program_version},
              {"model",
               {{"name", results.model.name},
                {"content", results.model.content},
                {"file", results.model.file_hash}}},
              {"data", results.data_hash},
              {"seed", study.header().seed},
              {"rows", cells.deaths},
              {"counted", cells.counted},
              {"flags",
               {{"unreadable", cells.unreadable},
                {"unanswered", cells.unanswered},
                {"undetermined", cells.undetermined}}},
              {"transfer_error",
               results.model.transfer_error ? Json(*results.model.transfer_error) : Json(nullptr)},
              {"converged", number(cells.converged)},
              {"drift", drift_json(results)},
              {"csmf", fractions_json(results)}};
    if (results.confusion)
        json["calibration"] = {{"matrix", results.confusion->source},
                               {"deaths", results.confusion->total()},
                               {"assigned_right", number(share_right(*results.confusion))}};
    if (auto const& posterior = results.posterior)
        json["posterior"] = {{"content", posterior->content},
                             {"batch", posterior->batch},
                             {"deaths", posterior->n_deaths},
                             {"sampled", posterior->n_sampled},
                             {"converged", posterior->converged}};
    if (!results.why_no_transfer.empty()) json["why_no_transfer"] = results.why_no_transfer;
    if (results.scores)
        json["scores"] = {{"deaths", results.scores->n},
                          {"cod_accuracy", number(results.scores->cod_accuracy)},
                          {"top3_accuracy", number(results.scores->top3_accuracy)},
                          {"csmf_accuracy", number(results.scores->csmf_accuracy)},
                          {"log_loss", number(results.scores->log_loss)}};
    write_file_atomically(path, report::dump(json) + "\n");
}

}  // namespace

void write_prediction_files(store::Reader const& study, PredictionResults const& results,
                            PredictionFiles const& files) {
    Scan const scan = scan_in(store::read_kept_data(study.path()), results.symptoms.size());
    auto const standard = labels_named(study.schema(), "id_column");
    std::string const id = files.source.id.empty() && !standard.empty() ? standard.front() : files.source.id;
    RowWriter(results, files, scan, id).write(study);
    write_fractions(results, RowWriter::with_suffix(files.base, "-csmf.csv"));
    write_facts(study, results, RowWriter::with_suffix(files.base, ".json"));
}

}  // namespace vaster::va
