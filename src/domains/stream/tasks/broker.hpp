#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace vaster::stream {

/// What is wrong with "host", "host:port" or "[address]:port" as the name of an MQTT broker, and with the
/// topic that goes to it; empty: nothing. A program that was built without MQTT says so.
[[nodiscard]] std::string problem_of_broker(std::string_view broker, std::string_view topic);

/// Publishes the messages of a topic by an MQTT broker (version 3.1.1), in their order and with quality of
/// service 1: the broker confirms each, so none is lost without an error. Needs a program that was built with
/// libmosquitto (VASTER_WITH_MQTT).
class BrokerTopic {
  public:
    /// @throws IoError if the broker cannot be reached or refuses
    BrokerTopic(std::string_view broker, std::string topic);
    ~BrokerTopic();
    BrokerTopic(BrokerTopic const&) = delete;
    BrokerTopic& operator=(BrokerTopic const&) = delete;

    /// Waits while the broker has confirmed too little of what came before. @throws IoError
    void put(std::string_view payload);

    /// Waits until the broker has confirmed all. @throws IoError
    void finish();

  private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
};

}  // namespace vaster::stream
