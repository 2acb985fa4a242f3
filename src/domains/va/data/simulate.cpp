#include "domains/va/data/simulate.hpp"

#include <algorithm>
#include <array>
#include <ostream>

#include "domains/va/data/labels.hpp"
#include "domains/va/data/rules.hpp"
#include "domains/va/data/simulated_world.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::va {

namespace {

/// Writes deaths as the raw release has them.
class RawWriter {
  public:
    RawWriter(SimulatedWorld const& world, std::ostream& out) : out_(out) {
        std::vector<std::string> names = {"newid", "site", "module", "gs_text34", "va34"};
        for (auto const& question : world.questions()) names.push_back(question.column);
        out_ << csv_line(names) << '\n';
    }

    void write(std::uint64_t number, SimulatedDeath const& death) {
        cells_ = {std::to_string(number), std::string(SimulatedWorld::site_name(death.site)), "Adult",
                  std::string(SimulatedWorld::cause_name(death.cause)), std::to_string(death.cause + 1)};
        cells_.insert(cells_.end(), death.answers.begin(), death.answers.end());
        out_ << csv_line(cells_) << '\n';
    }

  private:
    std::ostream& out_;
    std::vector<std::string> cells_;
};

/// Encodes deaths by the rules and writes the symptoms.
class SymptomWriter {
  public:
    SymptomWriter(SimulatedWorld const& world, std::ostream& out)
        : rules_(phmrc_adult_rules()),
          answers_(rules_.size()),
          writer_(out, "site", labels_, symptom_names(rules_)) {
        auto const position = [&](std::string const& column) {
            auto const& questions = world.questions();
            return static_cast<std::size_t>(std::ranges::find(questions, column, &SimulatedQuestion::column) -
                                            questions.begin());
        };
        for (auto const& rule : rules_) {
            source_.push_back(position(rule.source));
            also_source_.push_back(position(rule.also_source.empty() ? rule.source : rule.also_source));
        }
    }

    void write(SimulatedDeath const& death) {
        for (std::size_t k = 0; k < rules_.size(); ++k) {
            auto const answer = encode(rules_[k], death.answers[source_[k]], death.answers[also_source_[k]]);
            VASTER_EXPECTS(answer.has_value());
            answers_[k] = *answer;
        }
        labels_[0] = std::to_string(death.cause + 1);
        labels_[1] = cod5_mapping().find(labels_[0])->second;
        writer_.write(SimulatedWorld::site_name(death.site), labels_, answers_);
    }

  private:
    std::array<std::string, 2> labels_ = {"va34", "cod5"};  // names first, then each death's
    std::vector<EncodingRule> const& rules_;
    std::vector<va::Answer> answers_;
    EncodedWriter writer_;
    std::vector<std::size_t> source_;
    std::vector<std::size_t> also_source_;
};

}  // namespace

void simulate(SimulationOptions const& options, std::ostream& out) {
    SimulatedWorld const world(options.seed);
    Random random = random_stream(options.seed, "deaths", Purpose::simulate);
    SimulatedDeath death;
    auto const write_all = [&](auto const& write) {
        for (std::uint64_t number = 1; number <= options.n_deaths && out; ++number) {
            world.draw(random, death);
            write(number);
        }
    };
    if (options.format == CohortFormat::phmrc_adult) {
        RawWriter writer(world, out);
        write_all([&](std::uint64_t number) { writer.write(number, death); });
    } else {
        SymptomWriter writer(world, out);
        write_all([&](std::uint64_t) { writer.write(death); });
    }
    out.flush();
    require<IoError>(static_cast<bool>(out),
                     "cannot write the simulated deaths: the output stream failed (disk full?)");
}

}  // namespace vaster::va
