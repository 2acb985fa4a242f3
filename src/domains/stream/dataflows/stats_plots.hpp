#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "domains/stream/dataflows/dataflow.hpp"
#include "domains/stream/tasks/zip_archive.hpp"

namespace vaster::stream {

/// Pictures of what STATS yields, when the user asks for them: ACC -> PLT -> LZP -> ABU. Results of AVG and
/// SLR are gathered for each field of a sensor; a full window becomes a picture with a line for each of both,
/// and so many pictures of a sensor an archive. It is written into the dataflow's folder and uploaded to its
/// remote one. All of it depends on the sensor alone, so that archives are the same however the stream is
/// divided.
class StatsPlots {
  public:
    enum class Kind : std::uint8_t { average, prediction };

    explicit StatsPlots(TaskSetup const& setup);

    /// @param value  of AVG, or the first that SLR predicts; in the picture it stands at the record's time
    /// @throws IoError
    void take(Record const& record, std::size_t field, Kind kind, double value);

    /// What a sensor has in windows and archives that are not full; nothing where there are no pictures.
    void save(std::uint32_t sensor_index, StateWriter& state) const;
    void load(std::uint32_t sensor_index, StateReader& state);

    /// None where there are no pictures.
    [[nodiscard]] std::vector<Edge> edges() const;

    /// How they are asked for.
    [[nodiscard]] static std::vector<Parameter> parameters();

  private:
    struct Point {
        std::int64_t time = 0;
        std::uint64_t record = 0;
        Kind kind = Kind::average;
        double value = 0;
    };

    using Window = std::vector<Point>;

    /// Pictures of a sensor.
    struct Archive {
        std::uint64_t n_drawn = 0;  ///< since the stream began
        std::vector<ZipEntry> entries;
    };

    void draw(Record const& record, std::size_t field, Window& window);
    void pack(Record const& record, ZipEntry picture);
    void upload(std::string const& name, std::string const& bytes);

    bool on_;
    std::size_t window_;
    std::size_t n_files_;
    std::vector<std::string> fields_;
    std::filesystem::path folder_;
    std::filesystem::path remote_folder_;
    std::vector<Window> windows_;    ///< by sensor and field
    std::vector<Archive> archives_;  ///< by sensor
    Edge averages_{"AVG", "ACC"};
    Edge predictions_{"SLR", "ACC"};
    Edge drawn_{"ACC", "PLT"};
    Edge packed_{"PLT", "LZP"};
    Edge uploaded_{"LZP", "ABU"};
};

}  // namespace vaster::stream
