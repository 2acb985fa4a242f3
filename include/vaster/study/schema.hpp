#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace vaster::study {

enum class CellType : std::uint8_t { integer, real, text };

/// One cell of a row. A missing number is a NaN; integers and texts are never missing.
using Cell = std::variant<std::int64_t, double, std::string>;
using Cells = std::vector<Cell>;

/// Is the cell the same in every run of the same config?
enum class Nature : std::uint8_t { result, timing };

/// Where an export puts a record column: before or after the columns of the engine (rank, host, attempt,
/// error).
enum class ColumnPosition : std::uint8_t { leading, trailing };

struct Column {
    std::string name;
    CellType type = CellType::real;
    std::uint32_t width = 0;  ///< bytes of a text; longer ones are cut at a character
    std::string doc;          ///< one line, with the unit
    Nature nature = Nature::result;
    ColumnPosition position = ColumnPosition::leading;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& name& type& width& doc& nature& position;
    }
};

enum class ElementType : std::uint8_t { uint8, uint16, int32, uint32, int64, float32, float64 };

[[nodiscard]] std::size_t size_of(ElementType type);

/// One field of an array's elements.
struct ArrayField {
    std::string name;
    ElementType type = ElementType::float64;
    std::string labels = {};  ///< the LabelList whose positions the values are; empty: plain numbers

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& name& type& labels;
    }
};

/// How many elements of an array an experiment owns.
enum class Extent : std::uint8_t {
    fixed,   ///< `shape`, the same for every experiment: dataset [n_experiments, shape...]
    ragged,  ///< Experiment::n_rows of them: dataset [sum of n_rows], with Experiment::first_row as the start
};

/// An array that every experiment fills. One field: plain elements; more: a compound.
struct ArraySpec {
    std::string name;
    std::vector<ArrayField> fields;
    Extent extent = Extent::fixed;
    std::vector<std::uint64_t> shape;  ///< for fixed extents
    std::string doc;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& name& fields& extent& shape& doc;
    }
};

/// Bytes of one element: the fields in order without padding.
[[nodiscard]] std::size_t element_bytes(ArraySpec const& spec);

/// Names that give meaning to an axis or a number: the causes, the sites.
struct LabelList {
    std::string name;
    std::vector<std::string> labels;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& name& labels;
    }
};

/// What a study kind's rows look like.
struct Schema {
    std::vector<Column> design;   ///< what tells the experiments apart: columns of /plan
    std::vector<Column> results;  ///< what an experiment yields: columns of /records
    std::vector<ArraySpec> arrays;
    std::vector<LabelList> labels;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& design& results& arrays& labels;
    }
};

}  // namespace vaster::study
