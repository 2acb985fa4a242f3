#include "domains/va/prediction/prediction_schema.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include <fmt/format.h>

#include "domains/va/data/row_cells.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

using study::ArraySpec;
using study::CellType;
using study::ElementType;
using study::Extent;

ArraySpec deaths_spec(PredictionLayout const& layout) {
    ArraySpec spec;
    spec.name = deaths_array;
    spec.fields = {{"row", ElementType::int64}, {"flags", ElementType::uint8}};
    for (std::size_t k = 1; k <= layout.top; ++k) {
        spec.fields.push_back({fmt::format("cause{}", k), ElementType::int32, "causes"});
        spec.fields.push_back({fmt::format("probability{}", k), ElementType::float64});
    }
    if (layout.scored) {
        spec.fields.push_back({"true_cause", ElementType::int32, "causes"});
        spec.fields.push_back({"true_rank", ElementType::int32});
        spec.fields.push_back({"true_probability", ElementType::float64});
    }
    if (layout.weighted == Weighted::yes) spec.fields.push_back({"weight", ElementType::float64});
    spec.extent = Extent::ragged;
    spec.doc =
        "the most probable causes of each death; row: data row of the file, from 0; flags: 1 unreadable, 2 "
        "unanswered, 4 undetermined (cause1 is -1)";
    return spec;
}

ArraySpec probability_spec(PredictionLayout const& layout) {
    ArraySpec spec;
    spec.name = probability_array;
    for (std::size_t c = 0; c < layout.n_causes; ++c)
        spec.fields.push_back({fmt::format("p{}", c), ElementType::float64});
    spec.extent = Extent::ragged;
    spec.doc = "probability of each cause, p0 of the first one in the list of causes; NaN: none";
    return spec;
}

ArraySpec fixed(std::string_view name, std::vector<study::ArrayField> fields,
                std::vector<std::uint64_t> shape, std::string doc) {
    ArraySpec spec;
    spec.name = name;
    spec.fields = std::move(fields);
    spec.shape = std::move(shape);
    spec.doc = std::move(doc);
    return spec;
}

study::Column integer(std::string name, std::string doc) {
    return {.name = std::move(name), .type = CellType::integer, .doc = std::move(doc)};
}

study::Column real(std::string name, std::string doc, study::Nature nature = study::Nature::result) {
    return {.name = std::move(name), .type = CellType::real, .doc = std::move(doc), .nature = nature};
}

/// Appends numbers as they are in memory.
class Bytes {
  public:
    template <class T>
    void add(T value) {
        auto const* const raw = reinterpret_cast<std::uint8_t const*>(&value);
        bytes_.insert(bytes_.end(), raw, raw + sizeof value);
    }

    template <class T>
    void add_all(std::vector<T> const& values) {
        auto const* const raw = reinterpret_cast<std::uint8_t const*>(values.data());
        bytes_.insert(bytes_.end(), raw, raw + values.size() * sizeof(T));
    }

    std::vector<std::uint8_t> take() { return std::move(bytes_); }

  private:
    std::vector<std::uint8_t> bytes_;
};

class Unpacker {
  public:
    explicit Unpacker(std::vector<std::uint8_t> const& bytes) : bytes_(bytes) {}

    [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

    template <class T>
    T take() {
        T value{};
        require<DataError>(at_ + sizeof value <= bytes_.size(), "an array of the prediction is too short");
        std::memcpy(&value, bytes_.data() + at_, sizeof value);
        at_ += sizeof value;
        return value;
    }

  private:
    std::vector<std::uint8_t> const& bytes_;
    std::size_t at_ = 0;
};

std::vector<std::uint8_t> packed_deaths(std::vector<DeathRow> const& deaths, PredictionLayout const& layout) {
    Bytes bytes;
    for (auto const& death : deaths) {
        bytes.add(death.row);
        bytes.add(death.flags);
        for (std::size_t k = 0; k < layout.top; ++k) {
            bytes.add(death.causes[k]);
            bytes.add(death.probabilities[k]);
        }
        if (layout.scored) {
            bytes.add(death.true_cause);
            bytes.add(death.true_rank);
            bytes.add(death.true_probability);
        }
        if (layout.weighted == Weighted::yes) bytes.add(death.weight);
    }
    return bytes.take();
}

std::vector<DeathRow> unpacked_deaths(std::vector<std::uint8_t> const& raw, PredictionLayout const& layout) {
    Unpacker bytes(raw);
    std::vector<DeathRow> deaths;
    while (!bytes.at_end()) {
        DeathRow death;
        death.row = bytes.take<std::int64_t>();
        death.flags = bytes.take<std::uint8_t>();
        for (std::size_t k = 0; k < layout.top; ++k) {
            death.causes.push_back(bytes.take<std::int32_t>());
            death.probabilities.push_back(bytes.take<double>());
        }
        if (layout.scored) {
            death.true_cause = bytes.take<std::int32_t>();
            death.true_rank = bytes.take<std::int32_t>();
            death.true_probability = bytes.take<double>();
        }
        if (layout.weighted == Weighted::yes) death.weight = bytes.take<double>();
        deaths.push_back(std::move(death));
    }
    return deaths;
}

template <class T>
void copy_all(std::vector<std::uint8_t> const& bytes, std::vector<T>& values) {
    require<DataError>(bytes.size() == values.size() * sizeof(T),
                       "an array of the prediction has another size");
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
}

ArraySpec const* find(study::Schema const& schema, std::string_view name) {
    auto const found = std::find_if(schema.arrays.begin(), schema.arrays.end(),
                                    [&](ArraySpec const& spec) { return spec.name == name; });
    return found == schema.arrays.end() ? nullptr : &*found;
}

}  // namespace

std::string flags_text(std::uint8_t flags) {
    std::string text;
    auto const add = [&](std::uint8_t flag, std::string_view word) {
        if ((flags & flag) == 0) return;
        if (!text.empty()) text += ' ';
        text += word;
    };
    add(flag_unreadable, "unreadable");
    add(flag_unanswered, "unanswered");
    add(flag_undetermined, "undetermined");
    return text;
}

study::Schema prediction_schema(PredictionLayout const& layout, std::vector<std::string> const& causes) {
    study::Schema schema;
    schema.design = {
        integer("block", "block of rows, or batch, from 0"),
        {.name = "batch",
         .type = CellType::text,
         .width = 80,
         .doc = "batch of deaths that are coded together; empty: a block of rows"},
        integer("data_row", "first data row of the file, from 0; -1: rows of a batch are anywhere"),
        integer("n_deaths", "rows of the block or batch")};
    schema.results = {integer("deaths", "rows that were read"),
                      integer("counted", "deaths in the cause fractions"),
                      integer("unreadable", "rows with an answer that cannot be read"),
                      integer("unanswered", "deaths of which every answer is missing"),
                      integer("undetermined", "deaths without a cause that are not unreadable"),
                      real("converged", "models that sample: 1 if by their own rule they converged"),
                      real("rhat", "their largest split R-hat of the watched cause fractions"),
                      real("predict_seconds", "time to read and predict [s]", study::Nature::timing)};
    std::uint64_t const k = layout.n_causes;
    std::uint64_t const groups = layout.n_groups;
    std::uint64_t const buckets = layout.n_buckets();
    schema.arrays.push_back(deaths_spec(layout));
    if (layout.all) schema.arrays.push_back(probability_spec(layout));
    schema.arrays.push_back(
        fixed(sums_array, {{"parts", ElementType::int64}}, {groups, buckets, k},
              "sums of probabilities in parts of 2^-44, by group, random bucket and cause"));
    schema.arrays.push_back(
        fixed(summed_array, {{"deaths", ElementType::int64}}, {groups, buckets}, "deaths in these sums"));
    schema.arrays.push_back(fixed(top_array, {{"deaths", ElementType::int64}}, {groups, k + 1},
                                  "deaths by most probable cause; the last: undetermined"));
    if (layout.weighted == Weighted::yes) {
        schema.arrays.push_back(fixed(
            weights_array, {{"parts", ElementType::int64}, {"squares", ElementType::int64}},
            {groups, buckets},
            "sums of the weights of these deaths, as shares of the largest weight, and of their squares, "
            "in parts of 2^-44"));
        schema.arrays.push_back(
            fixed(top_weights_array, {{"parts", ElementType::int64}}, {groups, k + 1},
                  "weights by most probable cause, as shares of the largest weight, in parts of 2^-34"));
    }
    if (layout.batches)
        schema.arrays.push_back(fixed(
            own_array,
            {{"fraction", ElementType::float64}, {"lo", ElementType::float64}, {"hi", ElementType::float64}},
            {k}, "the model's own cause fractions of the batch with its 95 % interval; NaN: it has none"));
    schema.labels = {{"causes", causes}};
    return schema;
}

study::Cells cells_of(PredictionCells const& cells) {
    return {cells.deaths,       cells.counted,   cells.unreadable, cells.unanswered,
            cells.undetermined, cells.converged, cells.rhat,       cells.seconds};
}

PredictionCells prediction_cells(study::Cells const& cells) {
    auto const integer_at = [&](std::size_t i) { return std::get<std::int64_t>(cells.at(i)); };
    auto const real_at = [&](std::size_t i) { return std::get<double>(cells.at(i)); };
    return {integer_at(0), integer_at(1), integer_at(2), integer_at(3),
            integer_at(4), real_at(5),    real_at(6),    real_at(7)};
}

study::LabelList label_of(ModelNote const& note) {
    return {"model",
            {note.name, note.content, note.file_hash,
             note.transfer_error ? fmt::format("{:.17g}", *note.transfer_error) : ""}};
}

ModelNote model_note(study::Schema const& schema) {
    auto const texts = labels_named(schema, "model");
    require<DataError>(texts.size() == 4, "the study file does not say which model made the prediction");
    ModelNote note{texts[0], texts[1], texts[2], std::nullopt};
    if (!texts[3].empty()) note.transfer_error = number_in<double>(texts[3]);
    return note;
}

study::LabelList label_of(PosteriorNote const& note) {
    study::LabelList list{"posterior",
                          {note.content, note.batch, fmt::format("{}", note.n_deaths),
                           fmt::format("{}", note.n_sampled), note.converged ? "converged" : ""}};
    for (auto const* values : {&note.csmf.fraction, &note.csmf.lo, &note.csmf.hi})
        for (double const value : *values) list.labels.push_back(fmt::format("{:.17g}", value));
    return list;
}

std::optional<PosteriorNote> posterior_note(study::Schema const& schema) {
    auto const texts = labels_named(schema, "posterior");
    if (texts.empty()) return std::nullopt;
    constexpr std::size_t n_facts = 5;
    require<DataError>(texts.size() >= n_facts && (texts.size() - n_facts) % 3 == 0,
                       "the study file does not say which posterior made the prediction");
    auto const number = [&]<class T>(std::size_t i, T) {
        auto const value = number_in<T>(texts[i]);
        require<DataError>(value.has_value(),
                           "the study file says '{}' of its posterior, which is not a number", texts[i]);
        return *value;
    };
    PosteriorNote note;
    note.content = texts[0];
    note.batch = texts[1];
    note.n_deaths = number(2, std::uint64_t{});
    note.n_sampled = number(3, std::uint64_t{});
    note.converged = !texts[4].empty();
    std::size_t const n = (texts.size() - n_facts) / 3;
    std::size_t next = n_facts;
    for (auto* values : {&note.csmf.fraction, &note.csmf.lo, &note.csmf.hi})
        for (std::size_t c = 0; c < n; ++c) values->push_back(number(next++, double{}));
    return note;
}

study::LabelList label_of(ConfusionCounts const& confusion) {
    study::LabelList list{"confusion", {confusion.source}};
    list.labels.reserve(confusion.deaths.size() + 1);
    for (auto const deaths : confusion.deaths) list.labels.push_back(fmt::format("{}", deaths));
    return list;
}

std::optional<ConfusionCounts> confusion_in(study::Schema const& schema, std::size_t n_causes) {
    auto const texts = labels_named(schema, "confusion");
    if (texts.empty()) return std::nullopt;
    require<DataError>(texts.size() == n_causes * n_causes + 1,
                       "the study file's confusion matrix has {} numbers (must be {})", texts.size() - 1,
                       n_causes * n_causes);
    ConfusionCounts confusion;
    confusion.source = texts.front();
    confusion.deaths.reserve(texts.size() - 1);
    for (std::size_t i = 1; i < texts.size(); ++i) {
        auto const deaths = number_in<std::uint64_t>(texts[i]);
        require<DataError>(deaths.has_value(),
                           "the study file's confusion matrix has '{}', which is not a count", texts[i]);
        confusion.deaths.push_back(*deaths);
    }
    return confusion;
}

std::vector<std::string> labels_named(study::Schema const& schema, std::string_view name) {
    auto const found = std::find_if(schema.labels.begin(), schema.labels.end(),
                                    [&](study::LabelList const& list) { return list.name == name; });
    return found == schema.labels.end() ? std::vector<std::string>() : found->labels;
}

std::vector<std::vector<std::uint8_t>> packed(BlockArrays const& arrays, PredictionLayout const& layout) {
    auto const all_of = [](auto const& values) {
        Bytes bytes;
        bytes.add_all(values);
        return bytes.take();
    };
    std::vector<std::vector<std::uint8_t>> result;
    result.push_back(packed_deaths(arrays.deaths, layout));
    if (layout.all) result.push_back(all_of(arrays.probability));
    result.push_back(all_of(arrays.sums.sums));
    result.push_back(all_of(arrays.sums.deaths));
    result.push_back(all_of(arrays.sums.top));
    if (layout.weighted == Weighted::yes) {
        Bytes bytes;
        for (std::size_t place = 0; place < arrays.sums.weights.size(); ++place) {
            bytes.add(arrays.sums.weights[place]);
            bytes.add(arrays.sums.squares[place]);
        }
        result.push_back(bytes.take());
        result.push_back(all_of(arrays.sums.top_weights));
    }
    if (layout.batches) {
        Bytes bytes;
        for (std::size_t c = 0; c < layout.n_causes; ++c)
            for (auto const* values : {&arrays.own.fraction, &arrays.own.lo, &arrays.own.hi})
                bytes.add((*values)[c]);
        result.push_back(bytes.take());
    }
    return result;
}

PredictionLayout layout_of(study::Schema const& schema) {
    auto const* const deaths = find(schema, deaths_array);
    auto const* const sums = find(schema, sums_array);
    require<DataError>(deaths != nullptr && sums != nullptr && sums->shape.size() == 3,
                       "the study file is not one of a prediction");
    PredictionLayout layout;
    layout.n_groups = sums->shape[0];
    layout.n_causes = sums->shape[2];
    layout.weighted = find(schema, weights_array) != nullptr ? Weighted::yes : Weighted::no;
    layout.scored = std::any_of(deaths->fields.begin(), deaths->fields.end(),
                                [](auto const& field) { return field.name == "true_probability"; });
    std::size_t const n_others = 2 + (layout.scored ? 3U : 0U) + (layout.weighted == Weighted::yes ? 1U : 0U);
    layout.top = (deaths->fields.size() - n_others) / 2;
    layout.all = find(schema, probability_array) != nullptr;
    layout.batches = find(schema, own_array) != nullptr;
    return layout;
}

BlockArrays unpacked(std::vector<std::vector<std::uint8_t>> const& arrays, PredictionLayout const& layout) {
    BlockArrays block;
    std::size_t next = 0;
    block.deaths = unpacked_deaths(arrays.at(next++), layout);
    if (layout.all) {
        block.probability.resize(block.deaths.size() * layout.n_causes);
        copy_all(arrays.at(next++), block.probability);
    }
    block.sums = layout.no_sums();
    copy_all(arrays.at(next++), block.sums.sums);
    copy_all(arrays.at(next++), block.sums.deaths);
    copy_all(arrays.at(next++), block.sums.top);
    if (layout.weighted == Weighted::yes) {
        std::vector<std::int64_t> both(2 * block.sums.weights.size());
        copy_all(arrays.at(next++), both);
        for (std::size_t place = 0; place < block.sums.weights.size(); ++place) {
            block.sums.weights[place] = both[2 * place];
            block.sums.squares[place] = both[2 * place + 1];
        }
        copy_all(arrays.at(next++), block.sums.top_weights);
    }
    if (!layout.batches) return block;
    Unpacker own(arrays.at(next));
    while (!own.at_end()) {
        block.own.fraction.push_back(own.take<double>());
        block.own.lo.push_back(own.take<double>());
        block.own.hi.push_back(own.take<double>());
    }
    return block;
}

}  // namespace vaster::va
