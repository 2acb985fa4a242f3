#include "domains/stream/tasks/broker.hpp"

#ifdef VASTER_WITH_MQTT
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <mosquitto.h>

#include "base/support/files.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr int quality = 1;              ///< of service: at least once
constexpr int most_unconfirmed = 1000;  ///< messages, which are kept in memory
constexpr int keep_alive = 3600;        ///< s: between two records a task may compute for long
constexpr int step = 100;               ///< ms that are waited for the network at once
constexpr std::chrono::seconds patience(30);

struct Address {
    std::string host;
    int port = 1883;  ///< that brokers listen at
};

std::optional<Address> address_of(std::string_view broker) {
    Address address;
    auto const behind = broker.starts_with('[') ? broker.find(']') : 0;
    if (behind == std::string_view::npos) return std::nullopt;
    auto const colon = broker.find(':', behind);
    auto const host = broker.substr(0, colon);
    address.host = behind == 0 ? host : host.substr(1, behind - 1);
    if (behind != 0 && host.size() != behind + 1) return std::nullopt;
    if (colon != std::string_view::npos) {
        auto const port = broker.substr(colon + 1);
        auto const [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
        if (error != std::errc() || end != port.data() + port.size()) return std::nullopt;
        if (address.port < 1 || address.port > 65535) return std::nullopt;
    }
    if (address.host.empty()) return std::nullopt;
    return address;
}

}  // namespace

std::string problem_of_broker(std::string_view broker, std::string_view topic) {
    if (!address_of(broker))
        return fmt::format("io.broker = \"{}\" (must be HOST or HOST:PORT; an IPv6 address in brackets)",
                           broker);
    if (topic.find_first_of("+#") == std::string_view::npos) return "";
    return fmt::format("topic = \"{}\" (a broker takes no '+' and no '#' in it)", topic);
}

struct BrokerTopic::Connection {
    std::string topic;
    Address address;
    std::unique_ptr<mosquitto, void (*)(mosquitto*)> client{nullptr, mosquitto_destroy};
    std::optional<int> answer;  ///< to the connection; 0: it stands
    std::int64_t unconfirmed = 0;

    Connection(std::string_view broker, std::string topic_name)
        : topic(std::move(topic_name)), address(address_of(broker).value()) {
        mosquitto_lib_init();
        client.reset(mosquitto_new(nullptr, true, this));
        require<IoError>(client != nullptr, "no MQTT client can be made: {}", system_reason(errno));
        mosquitto_connect_callback_set(client.get(), [](mosquitto*, void* self, int code) {
            static_cast<Connection*>(self)->answer = code;
        });
        mosquitto_publish_callback_set(client.get(), [](mosquitto*, void* self, int /*message*/) {
            --static_cast<Connection*>(self)->unconfirmed;
        });
        check(mosquitto_connect(client.get(), address.host.c_str(), address.port, keep_alive), "be reached");
        wait_while([this] { return !answer; }, "has not answered");
        require<IoError>(*answer == 0, "{} refuses: {}", name(), mosquitto_connack_string(*answer));
    }

    [[nodiscard]] std::string name() const {
        return fmt::format("the MQTT broker {}, port {},", address.host, address.port);
    }

    void check(int code, std::string_view what) const {
        if (code == MOSQ_ERR_SUCCESS) return;
        auto const why =
            code == MOSQ_ERR_ERRNO ? system_reason(errno) : std::string(mosquitto_strerror(code));
        throw IoError(fmt::format("{} cannot {}: {}", name(), what, why));
    }

    void exchange(int milliseconds) { check(mosquitto_loop(client.get(), milliseconds, 1), "be talked to"); }

    /// As long as something comes back now and then.
    template <class Waiting>
    void wait_while(Waiting waiting, std::string_view what) {
        auto last = std::chrono::steady_clock::now();
        for (auto before = unconfirmed; waiting(); before = unconfirmed) {
            exchange(step);
            auto const now = std::chrono::steady_clock::now();
            if (unconfirmed < before) last = now;
            require<IoError>(now - last < patience, "{} {} for {} s", name(), what, patience.count());
        }
    }
};

BrokerTopic::BrokerTopic(std::string_view broker, std::string topic)
    : connection_(std::make_unique<Connection>(broker, std::move(topic))) {}

BrokerTopic::~BrokerTopic() = default;

void BrokerTopic::put(std::string_view payload) {
    auto& to = *connection_;
    ++to.unconfirmed;
    to.check(mosquitto_publish(to.client.get(), nullptr, to.topic.c_str(), static_cast<int>(payload.size()),
                               payload.data(), quality, false),
             "take a message");
    to.exchange(0);
    to.wait_while([&to] { return to.unconfirmed > most_unconfirmed; }, "has confirmed nothing");
}

void BrokerTopic::finish() {
    auto& to = *connection_;
    to.wait_while([&to] { return to.unconfirmed > 0; }, "has confirmed nothing");
    mosquitto_disconnect(to.client.get());
}

}  // namespace vaster::stream

#else
#include <fmt/core.h>

#include "vaster/support/errors.hpp"

namespace vaster::stream {

std::string problem_of_broker(std::string_view broker, std::string_view /*topic*/) {
    return fmt::format(
        "io.broker = \"{}\", but this vaster was built without MQTT; build it with libmosquitto and "
        "-DVASTER_WITH_MQTT=ON, or publish the files of the topics",
        broker);
}

struct BrokerTopic::Connection {};

BrokerTopic::BrokerTopic(std::string_view broker, std::string topic) {
    throw IoError(problem_of_broker(broker, topic));
}

BrokerTopic::~BrokerTopic() = default;

void BrokerTopic::put(std::string_view /*payload*/) {}

void BrokerTopic::finish() {}

}  // namespace vaster::stream
#endif
