#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/dataflows/dataflow.hpp"
#include "domains/stream/tasks/senml_writer.hpp"
#include "domains/stream/tasks/table.hpp"
#include "domains/stream/tasks/topics.hpp"

namespace vaster::stream {

/// Where annotated records go beside the rows of ETL, when the user asks for it: ANN -> ATI, a table; and
/// ANN -> C2S -> MQP, messages of SenML in a topic. Both are files in the dataflow's folder, and are made
/// with the first record.
class EtlSinks {
  public:
    /// @param columns  of what is handed in, behind the record's time and sensor
    EtlSinks(TaskSetup const& setup, std::vector<InputColumn> columns);

    /// @param values  of the columns, in their order; "": there is nothing
    /// @throws IoError
    void take(Record const& record, std::span<std::string_view const> values);

    /// Writes what is held back. @throws IoError
    void finish();

    /// Those of the sinks that were asked for.
    [[nodiscard]] std::vector<Edge> edges() const;

    /// How they are asked for.
    [[nodiscard]] static std::vector<Parameter> parameters();

    /// What is wrong with the parameters, a sentence each.
    [[nodiscard]] static std::vector<std::string> problems(TaskSetup const& setup);

  private:
    void insert(Record const& record, std::span<std::string_view const> values);
    void publish(Record const& record, std::span<std::string_view const> values);

    bool inserts_;
    bool publishes_;
    std::filesystem::path table_path_;
    std::filesystem::path folder_;
    std::string topic_name_;
    std::string broker_;
    std::vector<std::string> names_;  ///< of the columns
    SenmlWriter senml_;
    std::optional<TableWriter> table_;
    std::optional<TopicWriter> topic_;
    Edge inserted_{"ANN", "ATI"};
    Edge written_{"ANN", "C2S"};
    Edge published_{"C2S", "MQP"};
};

}  // namespace vaster::stream
