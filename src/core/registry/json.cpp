#include "core/registry/json.hpp"

#include <nlohmann/json.hpp>

#include "base/support/sha256.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::registry {
namespace {

using Json = nlohmann::ordered_json;

constexpr int state_format = 1;
constexpr std::string_view before_hash = ",\n \"sha256\": \"";
constexpr std::string_view after_hash = "\"\n}\n";
constexpr std::size_t digits = 64;

std::string sealed(Json const& object) {
    auto text = object.dump(1);
    auto const hash = sha256_text(text);
    text.resize(text.size() - 2);  // the line of the last brace
    text += before_hash;
    text += hash;
    text += after_hash;
    return text;
}

struct Opened {
    Json object;
    std::string sha256;
};

std::optional<Opened> opened(std::string_view text) {
    auto const length = before_hash.size() + digits + after_hash.size();
    if (text.size() < length || !text.ends_with(after_hash)) return std::nullopt;
    auto const end = text.substr(text.size() - length);
    auto const hash = end.substr(before_hash.size(), digits);
    std::string body(text.substr(0, text.size() - length));
    body += "\n}";
    if (!end.starts_with(before_hash) || sha256_text(body) != hash) return std::nullopt;
    auto object = Json::parse(body, nullptr, false);
    if (!object.is_object()) return std::nullopt;
    return Opened{std::move(object), std::string(hash)};
}

Json json_of(Facts const& facts) {
    auto json = Json::object();
    for (auto const& [key, value] : facts)
        std::visit([&, &name = key](auto const& v) { json[name] = v; }, value);
    return json;
}

Facts facts_of(Json const& json) {
    Facts facts;
    for (auto const& [key, value] : json.items()) {
        if (value.is_number())
            facts[key] = value.get<double>();
        else
            facts[key] = value.get<std::string>();
    }
    return facts;
}

Json json_of(Kept const& kept) {
    return {{"content", kept.content},
            {"file", kept.file_hash},
            {"bytes", kept.n_bytes},
            {"program", kept.program},
            {"facts", json_of(kept.facts)}};
}

Kept kept_of(Json const& json) {
    return {json.at("content"), json.at("file"), json.at("bytes"), json.at("program"),
            facts_of(json.at("facts"))};
}

Json json_of(Change const& change) {
    Json json{{"what", to_text(change.what)}, {"version", change.version}};
    if (!change.key.empty()) json["key"] = change.key;
    if (!change.value.empty()) json["value"] = change.value;
    if (!change.successor.empty()) json["successor"] = change.successor;
    if (change.what == What::metric) json["number"] = change.number;
    if (change.kept) json["kept"] = json_of(*change.kept);
    return json;
}

Change change_of(Json const& json) {
    Change change;
    auto const what = json.at("what").get<std::string>();
    bool known = false;
    for (auto const each : {What::add, What::tag, What::untag, What::metric, What::note, What::alias,
                            What::no_alias, What::status, What::restore, What::deleted})
        if (to_text(each) == what) {
            change.what = each;
            known = true;
        }
    require<DataError>(known, "has a change '{}', which this program does not know: use a newer one", what);
    change.version = json.at("version");
    change.key = json.value("key", "");
    change.value = json.value("value", "");
    change.successor = json.value("successor", "");
    change.number = json.value("number", 0.0);
    if (json.contains("kept")) change.kept = kept_of(json["kept"]);
    return change;
}

Json json_of(Version const& version) {
    auto notes = Json::array();
    for (auto const& note : version.notes) notes.push_back({note.time, note.user, note.text});
    return {{"number", version.number},
            {"kept", json_of(version.kept)},
            {"author", version.author},
            {"created", version.created},
            {"status", to_text(version.status)},
            {"before_trash", to_text(version.before_trash)},
            {"status_since", version.status_since},
            {"reason", version.reason},
            {"successor", version.successor},
            {"deleted", version.deleted},
            {"tags", version.tags},
            {"metrics", version.metrics},
            {"notes", notes}};
}

Status status_of(Json const& json) {
    return status_in(json.get<std::string>()).value_or(Status::candidate);
}

Version version_of(Json const& json) {
    Version version;
    version.number = json.at("number");
    version.kept = kept_of(json.at("kept"));
    version.author = json.at("author");
    version.created = json.at("created");
    version.status = status_of(json.at("status"));
    version.before_trash = status_of(json.at("before_trash"));
    version.status_since = json.at("status_since");
    version.reason = json.at("reason");
    version.successor = json.at("successor");
    version.deleted = json.at("deleted");
    for (auto const& [key, value] : json.at("tags").items()) version.tags[key] = value;
    for (auto const& [key, value] : json.at("metrics").items()) version.metrics[key] = value;
    for (auto const& note : json.at("notes")) version.notes.push_back({note.at(0), note.at(1), note.at(2)});
    return version;
}

}  // namespace

std::string to_json(Event const& event) {
    Json json{{"revision", event.revision}, {"user", event.author.user},       {"host", event.author.host},
              {"time", event.author.time},  {"program", event.author.program}, {"before", event.before},
              {"changes", Json::array()}};
    for (auto const& change : event.changes) json["changes"].push_back(json_of(change));
    return sealed(json);
}

std::optional<Event> event_in(std::string_view text) {
    auto const whole = opened(text);
    if (!whole) return std::nullopt;
    auto const& json = whole->object;
    try {
        Event event;
        event.revision = json.at("revision");
        event.author = {json.at("user"), json.at("host"), json.at("time"), json.at("program")};
        event.before = json.at("before");
        for (auto const& change : json.at("changes")) event.changes.push_back(change_of(change));
        event.sha256 = whole->sha256;
        return event;
    } catch (Json::exception const& e) {
        throw DataError(fmt::format("is not an event: {}", e.what()));
    }
}

std::string to_json(State const& state) {
    Json json{{"format", state_format}, {"name", state.name},       {"revision", state.revision},
              {"event", state.sha256},  {"aliases", state.aliases}, {"versions", Json::array()}};
    for (auto const& version : state.versions) json["versions"].push_back(json_of(version));
    return sealed(json);
}

std::optional<State> state_in(std::string_view text) {
    auto const whole = opened(text);
    if (!whole) return std::nullopt;
    auto const& json = whole->object;
    try {
        if (json.at("format") != state_format) return std::nullopt;
        State state;
        state.name = json.at("name");
        state.revision = json.at("revision");
        state.sha256 = json.at("event");
        for (auto const& [alias, version] : json.at("aliases").items()) state.aliases[alias] = version;
        for (auto const& version : json.at("versions")) state.versions.push_back(version_of(version));
        return state;
    } catch (Json::exception const&) {
        return std::nullopt;
    }
}

}  // namespace vaster::registry
