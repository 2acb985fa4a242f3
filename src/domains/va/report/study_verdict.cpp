#include "domains/va/report/study_verdict.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/core.h>

#include "domains/va/report/comparison_text.hpp"
#include "domains/va/report/verdict.hpp"
#include "domains/va/report/words.hpp"

namespace vaster::va {
namespace {

using report::Block;

std::string sentence(ModelDifference const& row) {
    auto const pair = fmt::format("{}: {} has {:.3f}, {} has {:.3f}", metric_name(row.metric), row.first,
                                  row.mean_first, row.second, row.mean_second);
    double const p = row.recommended.adjusted;
    if (row.estimate.mean == 0) return pair + "; they are level.";
    if (row.recommended.basis == Basis::none) return pair + "; there is no test of the difference.";
    if (!(p < significance)) return fmt::format("{}; they are not told apart ({}).", pair, p_text(p));
    if (better(row.metric) == Better::neither) return fmt::format("{}; they differ ({}).", pair, p_text(p));
    bool const first = (row.estimate.mean > 0) == (better(row.metric) == Better::higher);
    return fmt::format("{}; {} is better ({}).", pair, first ? row.first : row.second, p_text(p));
}

Block block_of(ModelComparison const& comparison, QuestionSize const& question) {
    Block block{title_of(question), {}};
    std::set<Basis> bases;
    for (auto const& row : comparison.differences) {
        if (row.asked.type != question.asked.type || row.asked.fraction != question.asked.fraction ||
            std::isnan(row.estimate.mean))
            continue;
        block.lines.push_back(sentence(row));
        if (row.recommended.basis != Basis::none) bases.insert(row.recommended.basis);
    }
    auto const n_metrics = std::max<std::size_t>(1, comparison.options.metrics.size());
    if (auto text = certainty(bases, question, block.lines.size() / n_metrics); !text.empty())
        block.lines.push_back(std::move(text));
    return block;
}

}  // namespace

std::vector<Block> study_words_of(ModelComparison const& comparison) {
    std::vector<Block> blocks;
    auto const types = whole_types(comparison);
    for (auto const& question : comparison.questions)
        if (std::find(types.begin(), types.end(), question.asked.type) != types.end())
            blocks.push_back(block_of(comparison, question));
    blocks.push_back({"What was compared", comparison.notes});
    return blocks;
}

}  // namespace vaster::va
