// A kept model as named parts, and back, with all checks.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "base/csv/utf8.hpp"
#include "domains/va/data/rules.hpp"
#include "domains/va/study/kept_model.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

using Texts = std::vector<std::string>;
using Counts = std::vector<std::uint64_t>;

constexpr std::size_t most_members = 100;
constexpr std::string_view soft = "soft";
constexpr std::string_view hard = "hard";

bool has_odd_letter(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char letter) {
        auto const byte = static_cast<unsigned char>(letter);
        return byte < 0x20 || byte == 0x7F;
    });
}

// ---- writing

void put_texts(Parts& parts, std::string const& name, Texts const& texts) {
    for (auto const& text : texts)
        require<ModelError>(!has_odd_letter(text) && csv::first_bad_utf8(text) == std::string_view::npos,
                            "the model cannot be kept: a text of '{}' has a control character or is not "
                            "UTF-8; rename it in the data",
                            name);
    parts.put_texts(name, texts);
}

void put_matrix(Parts& parts, std::string const& name, std::vector<double> const& values,
                std::size_t n_rows) {
    parts.put<double>(name, std::span(values), {n_rows, n_rows == 0 ? 0 : values.size() / n_rows});
}

void put_square(Parts& parts, std::string const& name, Counts const& values, std::size_t n) {
    parts.put<std::uint64_t>(name, std::span(values), {n, n});
}

void put_member(Parts& parts, std::string const& folder, KeptMember const& member) {
    parts.put_text(folder + "/kind", member.model);
    parts.put_text(folder + "/parameters", member.parameters);
    parts.put_number(folder + "/parts_version", member.parts_version);
    parts.put_below(folder + "/parts", member.parts);
}

/// A temperature is kept where it is not 1: programs that do not know of it refuse five numbers.
std::vector<double> numbers_of(models::AdaptationOptions const& adaptation) {
    auto const& [weight, power, prior, steps, temperature] = adaptation;
    std::vector<double> numbers{weight, power, prior, static_cast<double>(steps)};
    if (temperature != 1) numbers.push_back(temperature);
    return numbers;
}

void put_model(Parts& parts, KeptModel const& model) {
    put_texts(parts, "model/name", {model.name});
    if (model.vote) parts.put_text("model/vote", *model.vote == Vote::soft ? soft : hard);
    parts.put("model/weights", model.weights);
    if (model.adaptation) parts.put("model/adaptation", numbers_of(*model.adaptation));
    parts.put_text("model/missing",
                   models::missing_policy_names().at(static_cast<std::size_t>(model.missing)));
    parts.put_number("model/seed", model.seed);
    for (std::size_t m = 0; m < model.members.size(); ++m)
        put_member(parts, fmt::format("model/members/{}", m), model.members[m]);
}

void put_coding(Parts& parts, KeptCoding const& coding) {
    parts.put_text("data/coding/format", cohort_format_names().at(static_cast<std::size_t>(coding.format)));
    if (!coding.rules.empty()) parts.put_text("data/coding/rules", coding.rules);
    if (coding.quotes != csv::Quotes::strict) parts.put_text("data/coding/quotes", "release");
    put_texts(parts, "data/coding/label", {coding.label});
    put_texts(parts, "data/coding/label_columns", coding.label_columns);
    put_texts(parts, "data/coding/site", {coding.site});
    put_texts(parts, "data/coding/population", {coding.population});
    put_texts(parts, "data/coding/id", {coding.id});
    put_texts(parts, "data/coding/present", coding.spellings.present);
    put_texts(parts, "data/coding/absent", coding.spellings.absent);
    put_texts(parts, "data/coding/missing", coding.spellings.missing);
}

void put_grouping(Parts& parts, std::string const& folder, Grouping const& grouping) {
    put_texts(parts, folder + "/name", {grouping.name});
    put_texts(parts, folder + "/groups", grouping.groups);
    parts.put(folder + "/of_cause", grouping.of_cause);
}

void put_left_out(Parts& parts, std::vector<CountedText> const& left_out) {
    Texts reasons;
    Counts counts;
    reasons.reserve(left_out.size());
    counts.reserve(left_out.size());
    for (auto const& reason : left_out) {
        reasons.push_back(reason.text);
        counts.push_back(reason.count);
    }
    put_texts(parts, "data/left_out/reasons", reasons);
    parts.put("data/left_out/rows", counts);
}

void put_data(Parts& parts, KeptModel const& model) {
    put_texts(parts, "data/symptoms", model.symptoms);
    put_texts(parts, "data/causes", model.causes);
    parts.put("data/cause_deaths", model.cause_deaths);
    if (!model.cause_names.empty()) put_texts(parts, "data/cause_names", model.cause_names);
    for (std::size_t g = 0; g < model.groupings.size(); ++g)
        put_grouping(parts, fmt::format("data/groupings/{}", g), model.groupings[g]);
    put_coding(parts, model.coding);
    parts.put("data/present", model.present);
    parts.put("data/unanswered", model.unanswered);
    parts.put_text("data/hash", model.data_hash);
    parts.put_number("data/deaths", model.n_deaths);
    put_texts(parts, "data/sites", model.sites);
    parts.put("data/site_deaths", model.site_deaths);
    put_left_out(parts, model.left_out);
}

void put_inner(Parts& parts, InnerResults const& inner, std::size_t n_causes) {
    std::string const folder = fmt::format("inner/{}", inner.design);
    std::size_t const n = inner.units.size();
    put_texts(parts, folder + "/units", inner.units);
    parts.put(folder + "/n_train", inner.n_train);
    parts.put(folder + "/n_test", inner.n_test);
    put_texts(parts, folder + "/metrics", inner.metrics);
    put_matrix(parts, folder + "/values", inner.values, n);
    put_square(parts, folder + "/confusion", inner.confusion, n_causes);
    put_matrix(parts, folder + "/csmf_true", inner.csmf_true, n);
    put_matrix(parts, folder + "/csmf_predicted", inner.csmf_predicted, n);
}

void put_probes(Parts& parts, Probes const& probes, std::size_t n_symptoms) {
    std::size_t const n = n_symptoms == 0 ? 0 : probes.answers.size() / n_symptoms;
    parts.put<std::uint8_t>("inner/probes/answers", std::span(probes.answers), {n, n_symptoms});
    put_matrix(parts, "inner/probes/probability", probes.probability, n);
}

// ---- reading

/// Names: not empty, UTF-8 without control characters, each once.
Texts names_in(Parts const& parts, std::string const& name) {
    Texts texts = parts.texts(name);
    std::set<std::string_view> seen;
    for (auto const& text : texts) {
        require<DataError>(!text.empty(), "part '{}' has an empty name", name);
        require<DataError>(!has_odd_letter(text) && csv::first_bad_utf8(text) == std::string_view::npos,
                           "part '{}' has a name with a control character, or that is not UTF-8", name);
        require<DataError>(seen.insert(text).second, "part '{}' has the name '{}' twice", name, text);
    }
    return texts;
}

/// Free texts: UTF-8 without control characters.
Texts texts_in(Parts const& parts, std::string const& name) {
    Texts texts = parts.texts(name);
    for (auto const& text : texts)
        require<DataError>(!has_odd_letter(text) && csv::first_bad_utf8(text) == std::string_view::npos,
                           "part '{}' has a text with a control character, or that is not UTF-8", name);
    return texts;
}

std::string text_in(Parts const& parts, std::string const& name) {
    auto texts = texts_in(parts, name);
    require<DataError>(texts.size() == 1, "part '{}' has {} lines (must be one)", name, texts.size());
    return std::move(texts.front());
}

/// A word of the format, such as a hash.
std::string word_in(Parts const& parts, std::string const& name) {
    std::string word(parts.text(name));
    require<DataError>(!has_odd_letter(word) && csv::first_bad_utf8(word) == std::string_view::npos,
                       "part '{}' has a control character, or is not UTF-8", name);
    return word;
}

std::size_t position_of(Parts const& parts, std::string const& name, Texts const& words) {
    std::string const word = word_in(parts, name);
    auto const place = std::find(words.begin(), words.end(), word);
    require<DataError>(place != words.end(), "part '{}' says '{}' (must be one of: {})", name, word,
                       fmt::join(words, ", "));
    return static_cast<std::size_t>(place - words.begin());
}

template <class T>
std::vector<T> numbers_in(Parts const& parts, std::string const& name, std::vector<std::uint64_t> shape) {
    auto const values = parts.get<T>(name, shape);
    return {values.begin(), values.end()};
}

Counts counts_in(Parts const& parts, std::string const& name, std::size_t n, std::uint64_t at_most) {
    auto counts = numbers_in<std::uint64_t>(parts, name, {n});
    for (auto const count : counts)
        require<DataError>(count <= at_most, "part '{}' counts {} of {} deaths", name, count, at_most);
    return counts;
}

/// Counts that are of all deaths together, each once.
Counts shares_in(Parts const& parts, std::string const& name, std::size_t n, std::uint64_t n_deaths) {
    auto counts = counts_in(parts, name, n, n_deaths);
    std::uint64_t rest = n_deaths;
    for (auto const count : counts) {
        require<DataError>(count <= rest, "part '{}' counts more than the {} deaths", name, n_deaths);
        rest -= count;
    }
    require<DataError>(rest == 0, "part '{}' counts {} deaths fewer than the {} there are", name, rest,
                       n_deaths);
    return counts;
}

std::vector<double> fractions_in(Parts const& parts, std::string const& name, std::size_t n_rows,
                                 std::size_t n_columns) {
    auto values = numbers_in<double>(parts, name, {n_rows, n_columns});
    for (double const value : values)
        require<DataError>(value >= 0 && value <= 1, "part '{}' has the fraction {} (must be in [0, 1])",
                           name, value);
    constexpr double slack = 1e-5;
    for (std::size_t row = 0; row < n_rows; ++row) {
        double const sum =
            std::accumulate(values.begin() + static_cast<std::ptrdiff_t>(row * n_columns),
                            values.begin() + static_cast<std::ptrdiff_t>((row + 1) * n_columns), 0.0);
        require<DataError>(std::abs(sum - 1) <= slack, "row {} of part '{}' sums to {} (must be 1)", row,
                           name, sum);
    }
    return values;
}

KeptMember member_in(Parts const& parts, std::string const& folder) {
    return {word_in(parts, folder + "/kind"), std::string(parts.text(folder + "/parameters")),
            parts.number<std::uint32_t>(folder + "/parts_version"), parts.below(folder + "/parts")};
}

void read_members(KeptModel& model, Parts const& parts) {
    for (std::size_t m = 0; parts.has(fmt::format("model/members/{}/kind", m)); ++m) {
        require<DataError>(m < most_members, "the model has more than {} members", most_members);
        model.members.push_back(member_in(parts, fmt::format("model/members/{}", m)));
    }
    require<DataError>(!model.members.empty(), "part 'model/members/0/kind' is missing");
    require<DataError>(model.vote.has_value() || model.members.size() == 1,
                       "the model has {} members but no part 'model/vote'", model.members.size());
    model.weights = numbers_in<double>(parts, "model/weights", {model.members.size()});
    double sum = 0;
    for (double const weight : model.weights) {
        require<DataError>(weight >= 0 && weight <= 1,
                           "part 'model/weights' has the weight {} (must be in [0, 1])", weight);
        sum += weight;
    }
    constexpr double slack = 1e-9;
    require<DataError>(std::abs(sum - 1) <= slack, "part 'model/weights' sums to {} (must be 1)", sum);
}

models::AdaptationOptions adaptation_in(Parts const& parts) {
    constexpr double most = 1e6;
    constexpr std::size_t n_first = 4;
    constexpr std::size_t n_all = 5;
    auto const* const part = parts.find("model/adaptation");
    std::size_t const n =
        part != nullptr && part->shape == std::vector<std::uint64_t>{n_all} ? n_all : n_first;
    auto const numbers = numbers_in<double>(parts, "model/adaptation", {n});
    for (double const number : numbers)
        require<DataError>(number >= 0 && number <= most,
                           "part 'model/adaptation' has the number {} (must be 0 to {})", number, most);
    require<DataError>(numbers[2] > 0, "part 'model/adaptation' has the prior 0 (must be above)");
    models::AdaptationOptions options{numbers[0], numbers[1], numbers[2],
                                      static_cast<std::size_t>(numbers[3])};
    if (n == n_first) return options;
    options.temperature = numbers[n_first];
    require<DataError>(options.temperature > 0,
                       "part 'model/adaptation' has the temperature {} (must be above 0)",
                       options.temperature);
    return options;
}

void read_model(KeptModel& model, Parts const& parts) {
    model.name = text_in(parts, "model/name");
    require<DataError>(!model.name.empty(), "part 'model/name' is empty");
    if (parts.has("model/vote"))
        model.vote = position_of(parts, "model/vote", {std::string(soft), std::string(hard)}) == 0
                         ? Vote::soft
                         : Vote::hard;
    model.missing = static_cast<models::MissingPolicy>(
        position_of(parts, "model/missing", models::missing_policy_names()));
    model.seed = parts.number<std::uint64_t>("model/seed");
    if (parts.has("model/adaptation")) model.adaptation = adaptation_in(parts);
    read_members(model, parts);
}

KeptCoding coding_in(Parts const& parts) {
    KeptCoding coding;
    coding.format =
        static_cast<CohortFormat>(position_of(parts, "data/coding/format", cohort_format_names()));
    if (parts.has("data/coding/rules")) {
        coding.rules = parts.text("data/coding/rules");
        (void)parse_rules(csv::CsvReader::from_text(coding.rules, "part 'data/coding/rules'"));
    }
    if (parts.has("data/coding/quotes")) coding.quotes = csv::Quotes::release;
    coding.label = text_in(parts, "data/coding/label");
    coding.label_columns = texts_in(parts, "data/coding/label_columns");
    coding.site = text_in(parts, "data/coding/site");
    coding.population = text_in(parts, "data/coding/population");
    coding.id = text_in(parts, "data/coding/id");
    coding.spellings = {texts_in(parts, "data/coding/present"), texts_in(parts, "data/coding/absent"),
                        texts_in(parts, "data/coding/missing")};
    return coding;
}

Grouping grouping_in(Parts const& parts, std::string const& folder, std::size_t n_causes) {
    Grouping grouping;
    grouping.name = text_in(parts, folder + "/name");
    grouping.groups = names_in(parts, folder + "/groups");
    grouping.of_cause = numbers_in<std::uint32_t>(parts, folder + "/of_cause", {n_causes});
    for (auto const group : grouping.of_cause)
        require<DataError>(group < grouping.groups.size(), "part '{}/of_cause' names group {} of {}", folder,
                           group, grouping.groups.size());
    return grouping;
}

std::vector<CountedText> left_out_in(Parts const& parts) {
    auto const reasons = texts_in(parts, "data/left_out/reasons");
    auto const rows = numbers_in<std::uint64_t>(parts, "data/left_out/rows", {reasons.size()});
    std::vector<CountedText> left_out;
    left_out.reserve(reasons.size());
    for (std::size_t i = 0; i < reasons.size(); ++i) left_out.push_back({reasons[i], rows[i]});
    return left_out;
}

void read_symptoms(KeptModel& model, Parts const& parts) {
    model.symptoms = names_in(parts, "data/symptoms");
    require<DataError>(!model.symptoms.empty(), "part 'data/symptoms' has no symptom");
    std::size_t const n = model.symptoms.size();
    model.present = counts_in(parts, "data/present", n, model.n_deaths);
    model.unanswered = counts_in(parts, "data/unanswered", n, model.n_deaths);
    for (std::size_t s = 0; s < n; ++s)
        require<DataError>(model.present[s] <= model.n_deaths - model.unanswered[s],
                           "symptom '{}' is present in {} and missing in {} of {} deaths", model.symptoms[s],
                           model.present[s], model.unanswered[s], model.n_deaths);
}

void read_causes(KeptModel& model, Parts const& parts) {
    model.causes = names_in(parts, "data/causes");
    std::size_t const n = model.causes.size();
    require<DataError>(n > 0, "part 'data/causes' has no cause");
    require<DataError>(std::is_sorted(model.causes.begin(), model.causes.end()),
                       "part 'data/causes' is not in byte order");
    model.cause_deaths = shares_in(parts, "data/cause_deaths", n, model.n_deaths);
    if (parts.has("data/cause_names")) {
        model.cause_names = texts_in(parts, "data/cause_names");
        require<DataError>(model.cause_names.size() == n,
                           "part 'data/cause_names' has {} names for {} causes", model.cause_names.size(), n);
    }
    for (std::size_t g = 0; parts.has(fmt::format("data/groupings/{}/name", g)); ++g)
        model.groupings.push_back(grouping_in(parts, fmt::format("data/groupings/{}", g), n));
}

void read_data(KeptModel& model, Parts const& parts) {
    model.data_hash = word_in(parts, "data/hash");
    model.n_deaths = parts.number<std::uint64_t>("data/deaths");
    read_symptoms(model, parts);
    read_causes(model, parts);
    model.coding = coding_in(parts);
    model.sites = names_in(parts, "data/sites");
    model.site_deaths = shares_in(parts, "data/site_deaths", model.sites.size(), model.n_deaths);
    model.left_out = left_out_in(parts);
}

InnerResults inner_in(Parts const& parts, std::string const& design, std::size_t n_causes) {
    std::string const folder = "inner/" + design;
    InnerResults inner;
    inner.design = design;
    inner.units = names_in(parts, folder + "/units");
    std::size_t const n = inner.units.size();
    inner.n_train = numbers_in<std::uint64_t>(parts, folder + "/n_train", {n});
    inner.n_test = numbers_in<std::uint64_t>(parts, folder + "/n_test", {n});
    inner.metrics = names_in(parts, folder + "/metrics");
    inner.values = numbers_in<double>(parts, folder + "/values", {n, n == 0 ? 0 : inner.metrics.size()});
    inner.confusion = numbers_in<std::uint64_t>(parts, folder + "/confusion", {n_causes, n_causes});
    inner.csmf_true = fractions_in(parts, folder + "/csmf_true", n, n == 0 ? 0 : n_causes);
    inner.csmf_predicted = fractions_in(parts, folder + "/csmf_predicted", n, n == 0 ? 0 : n_causes);
    return inner;
}

std::optional<Probes> probes_in(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes) {
    auto const* const part = parts.find("inner/probes/answers");
    if (part == nullptr) return std::nullopt;
    auto const n = part->shape.empty() ? 0 : part->shape.front();
    Probes probes;
    probes.answers = numbers_in<std::uint8_t>(parts, "inner/probes/answers", {n, n_symptoms});
    for (auto const answer : probes.answers)
        require<DataError>(answer <= static_cast<std::uint8_t>(Answer::missing),
                           "part 'inner/probes/answers' has the answer {} (must be 0, 1 or 2)", answer);
    probes.probability = fractions_in(parts, "inner/probes/probability", n, n == 0 ? 0 : n_causes);
    return probes;
}

}  // namespace

Parts parts_of(KeptModel const& model) {
    Parts parts;
    put_model(parts, model);
    put_data(parts, model);
    for (auto const& inner : model.inner) put_inner(parts, inner, model.causes.size());
    if (model.probes) put_probes(parts, *model.probes, model.symptoms.size());
    for (auto const& [key, text] : model.provenance) parts.put_text(fmt::format("provenance/{}", key), text);
    return parts;
}

KeptModel kept_model_from(Parts const& parts) {
    KeptModel model;
    read_model(model, parts);
    read_data(model, parts);
    for (std::string const design : {"cv", "leave_one_site_out"})
        if (parts.has(fmt::format("inner/{}/units", design)))
            model.inner.push_back(inner_in(parts, design, model.causes.size()));
    model.probes = probes_in(parts, model.symptoms.size(), model.causes.size());
    Parts const provenance = parts.below("provenance");
    for (auto const& [key, part] : provenance.all())
        model.provenance.emplace_back(key, word_in(parts, fmt::format("provenance/{}", key)));
    return model;
}

}  // namespace vaster::va
