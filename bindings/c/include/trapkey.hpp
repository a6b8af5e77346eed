/*
 * Trapkey for C++17: objects that free themselves, over trapkey.h. A header alone; no exceptions, no RTTI.
 *
 * Each class owns one object of the C interface, can be moved and not copied, and is empty when it is made
 * by its default or was moved from. Calls that can fail give a `Status`, which must be looked at; an `Error`
 * that is passed along says why. What is empty is refused as NULL is: with a status and a deny.
 */
#ifndef TRAPKEY_HPP
#define TRAPKEY_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "trapkey.h"

namespace trapkey {

/** Lends a text for a call. */
inline trapkey_str_t lend(std::string_view text) noexcept { return trapkey_str(text.data(), text.size()); }

/** A text that the library lends. */
inline std::string_view view(trapkey_str_t text) noexcept
{
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.len);
}

/** A public struct of zeros that says its size. */
template <typename T>
inline T sized() noexcept
{
    T value;
    TRAPKEY_INIT(value);
    return value;
}

/** What came of a call. */
class [[nodiscard]] Status {
public:
    constexpr Status(trapkey_status_t code) noexcept : code_(code) {}
    constexpr bool ok() const noexcept { return code_ == TRAPKEY_STATUS_OK; }
    constexpr explicit operator bool() const noexcept { return ok(); }
    constexpr trapkey_status_t code() const noexcept { return code_; }
    std::string_view name() const noexcept { return view(trapkey_status_name(code_)); }

private:
    trapkey_status_t code_;
};

namespace detail {

/** Owns one object of the C interface. */
template <typename T, void (*Free)(T *)>
class Object {
public:
    Object() noexcept = default;
    Object(Object &&other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
    Object &operator=(Object &&other) noexcept
    {
        if (this != &other) {
            Free(pointer_);
            pointer_ = std::exchange(other.pointer_, nullptr);
        }
        return *this;
    }
    Object(const Object &) = delete;
    Object &operator=(const Object &) = delete;
    ~Object() { Free(pointer_); }

    explicit operator bool() const noexcept { return pointer_ != nullptr; }
    T *get() const noexcept { return pointer_; }

    /** A place for another object, in the place of the one before. */
    T **place() noexcept
    {
        Free(pointer_);
        pointer_ = nullptr;
        return &pointer_;
    }

private:
    T *pointer_ = nullptr;
};

} // namespace detail

/** Why a call failed; empty after one that did not. */
class Error : public detail::Object<trapkey_error_t, trapkey_error_free> {
public:
    std::string_view text() const noexcept { return view(trapkey_error_text(get())); }
};

namespace detail {

inline trapkey_error_t **place(Error *error) noexcept
{
    return error == nullptr ? nullptr : error->place();
}

} // namespace detail

/** An entity that is found in a model. */
class Party : public detail::Object<trapkey_party_t, trapkey_party_free> {};

/** An attribute of a context that is found in a model. */
class Slot : public detail::Object<trapkey_slot_t, trapkey_slot_free> {};

/** A request, and what is set in it in place. */
class Request : public detail::Object<trapkey_request_t, trapkey_request_free> {
public:
    Status set_principal(const Party &party, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_principal(get(), party.get(), detail::place(error));
    }
    Status set_resource(const Party &party, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_resource(get(), party.get(), detail::place(error));
    }
    Status set_bool(const Slot &slot, bool value, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_bool(get(), slot.get(), value ? 1 : 0, detail::place(error));
    }
    Status set_long(const Slot &slot, std::int64_t value, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_long(get(), slot.get(), value, detail::place(error));
    }
    Status set_decimal(const Slot &slot, std::int64_t value, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_decimal(get(), slot.get(), value, detail::place(error));
    }
    Status set_datetime(const Slot &slot, std::int64_t ms, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_datetime(get(), slot.get(), ms, detail::place(error));
    }
    Status set_duration(const Slot &slot, std::int64_t ms, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_duration(get(), slot.get(), ms, detail::place(error));
    }
    Status set_string(const Slot &slot, std::string_view value, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_string(get(), slot.get(), lend(value), detail::place(error));
    }
    Status set_ip(const Slot &slot, std::string_view value, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_ip(get(), slot.get(), lend(value), detail::place(error));
    }
    Status set_entity(const Slot &slot, std::string_view uid, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_entity(get(), slot.get(), lend(uid), detail::place(error));
    }
    Status set_party(const Slot &slot, const Party &party, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_party(get(), slot.get(), party.get(), detail::place(error));
    }
    Status set_json(const Slot &slot, std::string_view json, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_json(get(), slot.get(), lend(json), detail::place(error));
    }
    Status clear(const Slot &slot, Error *error = nullptr) noexcept
    {
        return trapkey_request_clear(get(), slot.get(), detail::place(error));
    }
    Status set_at(std::int64_t at_ms, Error *error = nullptr) noexcept
    {
        return trapkey_request_set_at(get(), at_ms, detail::place(error));
    }
    Status advance(std::int64_t by_ms, Error *error = nullptr) noexcept
    {
        return trapkey_request_advance(get(), by_ms, detail::place(error));
    }
    Status copy_to(Request &copy, Error *error = nullptr) const noexcept
    {
        return trapkey_request_copy(get(), copy.place(), detail::place(error));
    }
};

/** A request while it is put together. */
class Builder : public detail::Object<trapkey_builder_t, trapkey_builder_free> {
public:
    Status principal(std::string_view uid, Error *error = nullptr) noexcept
    {
        return trapkey_builder_principal(get(), lend(uid), detail::place(error));
    }
    Status resource(std::string_view uid, Error *error = nullptr) noexcept
    {
        return trapkey_builder_resource(get(), lend(uid), detail::place(error));
    }
    Status boolean(std::string_view name, bool value, Error *error = nullptr) noexcept
    {
        return trapkey_builder_bool(get(), lend(name), value ? 1 : 0, detail::place(error));
    }
    Status integer(std::string_view name, std::int64_t value, Error *error = nullptr) noexcept
    {
        return trapkey_builder_long(get(), lend(name), value, detail::place(error));
    }
    Status decimal(std::string_view name, std::int64_t value, Error *error = nullptr) noexcept
    {
        return trapkey_builder_decimal(get(), lend(name), value, detail::place(error));
    }
    Status datetime(std::string_view name, std::int64_t ms, Error *error = nullptr) noexcept
    {
        return trapkey_builder_datetime(get(), lend(name), ms, detail::place(error));
    }
    Status duration(std::string_view name, std::int64_t ms, Error *error = nullptr) noexcept
    {
        return trapkey_builder_duration(get(), lend(name), ms, detail::place(error));
    }
    Status string(std::string_view name, std::string_view value, Error *error = nullptr) noexcept
    {
        return trapkey_builder_string(get(), lend(name), lend(value), detail::place(error));
    }
    Status ip(std::string_view name, std::string_view value, Error *error = nullptr) noexcept
    {
        return trapkey_builder_ip(get(), lend(name), lend(value), detail::place(error));
    }
    Status entity(std::string_view name, std::string_view uid, Error *error = nullptr) noexcept
    {
        return trapkey_builder_entity(get(), lend(name), lend(uid), detail::place(error));
    }
    Status json(std::string_view name, std::string_view value, Error *error = nullptr) noexcept
    {
        return trapkey_builder_json(get(), lend(name), lend(value), detail::place(error));
    }
    Status at(std::int64_t at_ms, Error *error = nullptr) noexcept
    {
        return trapkey_builder_at(get(), at_ms, detail::place(error));
    }
    Status build(Request &request, Error *error = nullptr) noexcept
    {
        return trapkey_builder_build(get(), request.place(), detail::place(error));
    }
};

/** A published schema, by which requests are made. */
class Model : public detail::Object<trapkey_model_t, trapkey_model_free> {
public:
    Status party(std::string_view uid, Party &party, Error *error = nullptr) const noexcept
    {
        return trapkey_model_party(get(), lend(uid), party.place(), detail::place(error));
    }
    Status slot(std::string_view action, std::string_view path, Slot &slot,
                Error *error = nullptr) const noexcept
    {
        return trapkey_model_slot(get(), lend(action), lend(path), slot.place(),
                                  detail::place(error));
    }
    Status builder(std::string_view action, Builder &builder, Error *error = nullptr) const noexcept
    {
        return trapkey_builder_new(get(), lend(action), builder.place(), detail::place(error));
    }
    Status request(std::string_view json, Request &request, Error *error = nullptr) const noexcept
    {
        return trapkey_request_from_json(get(), lend(json), request.place(), detail::place(error));
    }
};

/** The answer to one request, used again for the next. */
class Decision : public detail::Object<trapkey_decision_t, trapkey_decision_free> {
public:
    /** Allow only if something was decided and allowed. */
    bool allows() const noexcept
    {
        return trapkey_decision_verdict(get()) == TRAPKEY_VERDICT_ALLOW;
    }
    trapkey_reason_t reason() const noexcept { return trapkey_decision_reason(get()); }
    Status status() const noexcept { return trapkey_decision_status(get()); }
    std::uint64_t generation() const noexcept { return trapkey_decision_generation(get()); }

    std::size_t policies(trapkey_policies_t kind) const noexcept
    {
        return trapkey_decision_policies(get(), kind);
    }
    /** The id of a policy, lent until the next decision; empty if there is none. */
    std::string_view policy(trapkey_policies_t kind, std::size_t index) const noexcept
    {
        auto policy = sized<trapkey_policy_t>();
        const Status found = trapkey_decision_policy(get(), kind, index, &policy, nullptr);
        return found ? view(policy.id) : std::string_view();
    }
    std::size_t obligations() const noexcept { return trapkey_decision_obligations(get()); }
    /** An obligation, lent until the next decision; none if there is none. */
    std::optional<trapkey_obligation_t> obligation(std::size_t index) const noexcept
    {
        auto obligation = sized<trapkey_obligation_t>();
        const Status found = trapkey_decision_obligation(get(), index, &obligation, nullptr);
        return found ? std::optional(obligation) : std::nullopt;
    }
    std::optional<trapkey_horizon_t> horizon() const noexcept
    {
        auto horizon = sized<trapkey_horizon_t>();
        const Status found = trapkey_decision_horizon(get(), &horizon, nullptr);
        return found ? std::optional(horizon) : std::nullopt;
    }

    /** Makes a decision, which is deny until something is decided into it. */
    static Status make(Decision &decision, Error *error = nullptr) noexcept
    {
        return trapkey_decision_new(decision.place(), detail::place(error));
    }
};

/** Decides for one thread at a time. */
class Decider : public detail::Object<trapkey_decider_t, trapkey_decider_free> {
public:
    /** Decides; `decision` allows only if this is OK. */
    Status decide(const Request &request, Decision &decision, Error *error = nullptr) noexcept
    {
        trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
        return trapkey_decider_decide(get(), request.get(), decision.get(), &verdict,
                                      detail::place(error));
    }
    /** Whether the request is allowed; whatever fails is no. */
    bool allows(const Request &request, Decision &decision) noexcept
    {
        trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
        const Status decided =
            trapkey_decider_decide(get(), request.get(), decision.get(), &verdict, nullptr);
        return decided.ok() && verdict == TRAPKEY_VERDICT_ALLOW;
    }
    Status release(Error *error = nullptr) noexcept
    {
        return trapkey_decider_release(get(), detail::place(error));
    }
};

/** Publishes bundles, keeps facts and decides. Threads may share it. */
class Engine : public detail::Object<trapkey_engine_t, trapkey_engine_free> {
public:
    static Status make(Engine &engine, const trapkey_options_t *options = nullptr,
                       Error *error = nullptr) noexcept
    {
        return trapkey_engine_new(options, engine.place(), detail::place(error));
    }
    Status publish(trapkey_bytes_t bundle, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_publish(get(), bundle, nullptr, detail::place(error));
    }
    Status publish_with(trapkey_bytes_t bundle, std::string_view entities,
                        Error *error = nullptr) const noexcept
    {
        return trapkey_engine_publish_with(get(), bundle, lend(entities), nullptr,
                                           detail::place(error));
    }
    /** Of `artefact` the caller knows where it comes from: it is native code, see trapkey.h. */
    Status publish_precompiled(trapkey_bytes_t bundle, trapkey_bytes_t artefact,
                               std::string_view entities, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_publish_precompiled(get(), bundle, artefact, lend(entities),
                                                  detail::place(error));
    }
    Status rollback(Error *error = nullptr) const noexcept
    {
        return trapkey_engine_rollback(get(), nullptr, detail::place(error));
    }
    std::uint64_t generation() const noexcept { return trapkey_engine_generation(get()); }
    Status upsert(std::string_view entities, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_upsert(get(), lend(entities), detail::place(error));
    }
    Status replace_entities(std::string_view entities, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_replace_entities(get(), lend(entities), detail::place(error));
    }
    Status remove(std::string_view uid, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_remove(get(), lend(uid), nullptr, detail::place(error));
    }
    Status grant(const trapkey_grant_t &grant, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_grant(get(), &grant, detail::place(error));
    }
    Status revoke(std::string_view id, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_revoke(get(), lend(id), nullptr, detail::place(error));
    }
    Status set_clock(const trapkey_clock_reading_t &reading, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_set_clock(get(), &reading, nullptr, detail::place(error));
    }
    Status model(Model &model, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_model(get(), model.place(), detail::place(error));
    }
    Status decider(Decider &decider, Error *error = nullptr) const noexcept
    {
        return trapkey_decider_new(get(), decider.place(), detail::place(error));
    }
};

} // namespace trapkey

#endif // TRAPKEY_HPP
