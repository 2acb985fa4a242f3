// What the report says about stated probabilities: do they come true as often?
#include "domains/va/report/calibration_section.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "base/stats/bounded_interval.hpp"
#include "base/stats/paired_tests.hpp"
#include "core/report/elements.hpp"
#include "core/report/sections.hpp"
#include "domains/va/report/comparison_grid.hpp"
#include "domains/va/report/words.hpp"

namespace vaster::va {
namespace {

using report::Chapter;
using report::FieldPlace;
using report::Section;
using report::Table;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Reads the top causes of an experiment's test deaths from the array "predictions".
class TopCauseReader {
  public:
    explicit TopCauseReader(store::Reader const& study)
        : study_(study),
          position_(report::find_ragged(study.schema(), "predictions")),
          stride_(study::element_bytes(spec())),
          truth_(report::find_integers(spec(), "true_cause")),
          top_(report::find_integers(spec(), "cause1")),
          probability_(report::find_reals(spec(), "probability1")),
          weight_(report::find_reals(spec(), "weight")) {}

    [[nodiscard]] bool has_probabilities() const { return probability_.has_value(); }

    /// Adds the deaths of a row of the study.
    void add(std::size_t row, Tenths& all, Tenths& of_site) const {
        auto const arrays = study_.arrays(row);
        std::span<std::uint8_t const> const bytes(arrays[position_]);
        for (std::size_t at = 0; at < bytes.size(); at += stride_) {
            auto const death = bytes.subspan(at, stride_);
            double const stated = probability_->real(death);
            if (std::isnan(stated)) continue;
            double const weight = weight_ ? weight_->real(death) : 1;
            bool const right = truth_.integer(death) == top_.integer(death);
            for (auto* const tenths : {&all, &of_site}) {
                Tenth& tenth = tenths->at(tenth_of(stated));
                ++tenth.deaths;
                tenth.weight += weight;
                tenth.stated += weight * stated;
                tenth.came_true += right ? weight : 0;
            }
        }
    }

  private:
    [[nodiscard]] study::ArraySpec const& spec() const { return study_.schema().arrays[position_]; }

    static std::size_t tenth_of(double stated) {
        double const within = std::clamp(stated, 0.0, 1.0);
        return std::min(n_tenths - 1, static_cast<std::size_t>(within * n_tenths));
    }

    store::Reader const& study_;
    std::size_t position_;
    std::size_t stride_;
    FieldPlace truth_, top_;
    std::optional<FieldPlace> probability_, weight_;
};

double sum_of(Tenths const& tenths, double Tenth::*part) {
    double sum = 0;
    for (auto const& tenth : tenths) sum += tenth.*part;
    return sum;
}

double ratio(double part, double whole) {
    return whole > 0 ? part / whole : missing;
}

std::size_t deaths_of(Tenths const& tenths) {
    std::size_t n = 0;
    for (auto const& tenth : tenths) n += tenth.deaths;
    return n;
}

/// The mean over sites of what a site's deaths come to, with Student's t.
stats::MeanTest over_sites(Stated const& stated, double (*value)(Tenths const&)) {
    std::vector<double> values;
    values.reserve(stated.of_site.size());
    for (auto const& [site, tenths] : stated.of_site)
        if (deaths_of(tenths) > 0) values.push_back(value(tenths));
    return stats::corrected_resampled_t(values, 0);
}

report::Figure curve(Table const& table, std::string const& type) {
    std::vector<double> const ends{0, 1};
    report::Frame const frame{"calibration-" + type,
                              fmt::format("Stated probabilities and what came true, {}", type_name(type)),
                              table,
                              {{"type", {type}}},
                              {"model", "from", "to", "deaths", "stated", "came_true"},
                              report::Width::half,
                              "Below the diagonal a model is surer than it has reason to be."};
    return report::line_plot(frame, {{"stated", "stated probability of the top cause", ".0%", {}, ends},
                                     {"came_true", "share that came true", ".0%", {}, ends},
                                     "model",
                                     "",
                                     ""});
}

std::vector<std::string> types_of(std::vector<Stated> const& all) {
    std::vector<std::string> types;
    for (auto const& one : all)
        if (std::find(types.begin(), types.end(), one.type) == types.end()) types.push_back(one.type);
    return types;
}

}  // namespace

double calibration_error(Tenths const& tenths) {
    double distance = 0;
    for (auto const& tenth : tenths) distance += std::abs(tenth.stated - tenth.came_true);
    return ratio(distance, sum_of(tenths, &Tenth::weight));
}

double overconfidence(Tenths const& tenths) {
    return ratio(sum_of(tenths, &Tenth::stated) - sum_of(tenths, &Tenth::came_true),
                 sum_of(tenths, &Tenth::weight));
}

std::vector<Stated> read_stated(store::Reader const& study, std::vector<std::string> const& types) {
    TopCauseReader const reader(study);
    if (!reader.has_probabilities()) return {};
    Grid const grid = read_grid(study);
    std::vector<Stated> all;
    for (auto const& question : grid.questions) {
        bool const wanted = std::find(types.begin(), types.end(), question.asked.type) != types.end();
        if (!wanted || question.asked.fraction != 1) continue;
        for (std::size_t model = 0; model < grid.models.size(); ++model) {
            Stated stated{question.asked.type, grid.models[model]};
            for (std::size_t place = 0; place < question.places.size(); ++place)
                if (auto const row = question.tried[model][place].row)
                    reader.add(*row, stated.all, stated.of_site[question.sites[place].text()]);
            if (deaths_of(stated.all) > 0) all.push_back(std::move(stated));
        }
    }
    return all;
}

Table calibration_table(std::vector<Stated> const& stated) {
    Table table{
        "calibration",
        "how often top causes come true by the probability that was stated for them, all test sets of "
        "a type together",
        {"type", "model", "from", "to", "deaths", "stated", "came_true"},
        {},
        column_words()};
    for (auto const& one : stated)
        for (std::size_t k = 0; k < n_tenths; ++k) {
            auto const& tenth = one.all.at(k);
            if (tenth.deaths == 0) continue;
            auto const end = [](std::size_t tenths) { return static_cast<double>(tenths) / n_tenths; };
            table.rows.push_back({one.type, one.model, end(k), end(k + 1),
                                  static_cast<std::int64_t>(tenth.deaths), tenth.stated / tenth.weight,
                                  tenth.came_true / tenth.weight});
        }
    return table;
}

Table calibration_errors_table(std::vector<Stated> const& stated) {
    Table table{
        "calibration_errors",
        "how far a model's stated probabilities are from what comes true",
        {"type", "model", "deaths", "stated", "came_true", "calibration_error", "sites", "sites_error",
         "sites_error_lo", "sites_error_hi", "overconfidence", "overconfidence_lo", "overconfidence_hi"},
        {},
        column_words()};
    for (auto const& one : stated) {
        double const weight = sum_of(one.all, &Tenth::weight);
        auto const error = over_sites(one, calibration_error);
        auto const error_range = stats::bounded_t_interval(error.mean, error.standard_error,
                                                           static_cast<double>(error.n) - 1, {0, 1});
        auto const over = over_sites(one, overconfidence);
        auto const over_range = stats::within(over.interval, {-1, 1});
        table.rows.push_back({one.type, one.model, static_cast<std::int64_t>(deaths_of(one.all)),
                              ratio(sum_of(one.all, &Tenth::stated), weight),
                              ratio(sum_of(one.all, &Tenth::came_true), weight), calibration_error(one.all),
                              static_cast<std::int64_t>(error.n), error.mean, error_range.lo, error_range.hi,
                              over.mean, over_range.lo, over_range.hi});
    }
    return table;
}

void add_calibration(Chapter& chapter, store::Reader const& study, std::vector<std::string> const& types) {
    Section section{"calibration", "Calibration"};
    auto const stated = read_stated(study, types);
    if (stated.empty()) {
        section.text.emplace_back("No finished experiment has probabilities of top causes.");
        chapter.sections.push_back(std::move(section));
        return;
    }
    section.text.emplace_back(
        "Does a top cause that a model gives with a probability of 70 % come true in 70 % of such deaths? "
        "Deaths are put together by tenths of the stated probability, all test sets of a type; one that was "
        "tested several times counts as often. Calibration error: mean distance, over deaths, between what a "
        "tenth was told and what came true; chance raises it where there are few deaths. Overconfidence: "
        "mean stated probability less COD accuracy; above 0 the model is too sure. Errors and overconfidence "
        "of sites are means over sites, with 95 % intervals over sites.");
    Table const curves = calibration_table(stated);
    for (auto const& type : types_of(stated)) section.figures.push_back(curve(curves, type));
    Table errors = calibration_errors_table(stated);
    section.tables.push_back(report::text_table(errors, "Calibration by type and model"));
    section.tables.push_back(report::text_table(curves, "Calibration by tenth"));
    chapter.tables.push_back(curves);
    chapter.tables.push_back(std::move(errors));
    chapter.sections.push_back(std::move(section));
}

}  // namespace vaster::va
