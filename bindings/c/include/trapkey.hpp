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

/** What an engine or a bundle was asked about, as JSON. */
class Report : public detail::Object<trapkey_report_t, trapkey_report_free> {
public:
    /** The JSON, lent by the report. */
    std::string_view text() const noexcept { return view(trapkey_report_text(get())); }
};

/** Why a request is decided as it is, and what would allow it, as JSON. */
class Explanation : public detail::Object<trapkey_explanation_t, trapkey_explanation_free> {
public:
    Status copy(trapkey_audience_t audience, char *buffer, std::size_t capacity,
                std::size_t &len) const noexcept
    {
        return trapkey_explanation_copy(get(), static_cast<std::uint32_t>(audience), buffer, capacity,
                                        &len);
    }
};

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
    /** Whether it allows only because the operation is observed. */
    bool would_deny() const noexcept { return trapkey_decision_would_deny(get()) != 0; }
    std::size_t grants() const noexcept { return trapkey_decision_grants(get()); }
    /** The id of a grant that the verdict rests on, lent until the next decision; empty if there is none. */
    std::string_view grant(std::size_t index) const noexcept
    {
        trapkey_str_t id = lend(std::string_view());
        const Status found = trapkey_decision_grant(get(), index, &id, nullptr);
        return found ? view(id) : std::string_view();
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

/** Decides for one thread at a time, and gives decisions again while they hold. */
class CachingDecider
    : public detail::Object<trapkey_caching_decider_t, trapkey_caching_decider_free> {
public:
    /** Decides; `decision` allows only if this is OK. */
    Status decide(const Request &request, Decision &decision, Error *error = nullptr) noexcept
    {
        trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
        return trapkey_caching_decider_decide(get(), request.get(), decision.get(), &verdict,
                                              detail::place(error));
    }
    std::optional<trapkey_cache_counts_t> counts() const noexcept
    {
        auto counts = sized<trapkey_cache_counts_t>();
        const Status found = trapkey_caching_decider_counts(get(), &counts, nullptr);
        return found ? std::optional(counts) : std::nullopt;
    }
    Status release(Error *error = nullptr) noexcept
    {
        return trapkey_caching_decider_release(get(), detail::place(error));
    }
};

/** Denies that were only reported. */
class WouldDenies : public detail::Object<trapkey_would_denies_t, trapkey_would_denies_free> {
public:
    std::size_t size() const noexcept { return trapkey_would_denies_len(get()); }
    /** One of them, lent by this; none if there is none. */
    std::optional<trapkey_would_deny_t> at(std::size_t index) const noexcept
    {
        auto would_deny = sized<trapkey_would_deny_t>();
        const Status found = trapkey_would_denies_get(get(), index, &would_deny, nullptr);
        return found ? std::optional(would_deny) : std::nullopt;
    }
    Status request(std::size_t index, Request &request, Error *error = nullptr) const noexcept
    {
        return trapkey_would_denies_request(get(), index, request.place(), detail::place(error));
    }
    Status decision(std::size_t index, Decision &decision, Error *error = nullptr) const noexcept
    {
        return trapkey_would_denies_decision(get(), index, decision.get(), detail::place(error));
    }
};

/** Requests that a candidate decides otherwise. */
class Differences : public detail::Object<trapkey_differences_t, trapkey_differences_free> {
public:
    std::size_t size() const noexcept { return trapkey_differences_len(get()); }
    trapkey_difference_t kind(std::size_t index) const noexcept
    {
        return trapkey_differences_kind(get(), index);
    }
    Status request(std::size_t index, Request &request, Error *error = nullptr) const noexcept
    {
        return trapkey_differences_request(get(), index, request.place(), detail::place(error));
    }
    Status active(std::size_t index, Decision &decision, Error *error = nullptr) const noexcept
    {
        return trapkey_differences_active(get(), index, decision.get(), detail::place(error));
    }
    Status candidate(std::size_t index, Decision &decision, Error *error = nullptr) const noexcept
    {
        return trapkey_differences_candidate(get(), index, decision.get(), detail::place(error));
    }
};

/** The open sessions of a host, for one thread at a time. */
class Sessions : public detail::Object<trapkey_sessions_t, trapkey_sessions_free> {
public:
    std::size_t size() const noexcept { return trapkey_sessions_len(get()); }
    Status open(const Request &request, const trapkey_session_terms_t &terms,
                trapkey_session_id_t &session, Error *error = nullptr) noexcept
    {
        return trapkey_sessions_open(get(), request.get(), &terms, &session, detail::place(error));
    }
    Status close(trapkey_session_id_t session, Error *error = nullptr) noexcept
    {
        return trapkey_sessions_close(get(), session, detail::place(error));
    }
    /** Whether the session still allows; whatever fails is no. */
    bool allows(trapkey_session_id_t session, std::int64_t now_ms) const noexcept
    {
        trapkey_verdict_t verdict = TRAPKEY_VERDICT_DENY;
        const Status checked = trapkey_sessions_check(get(), session, now_ms, &verdict, nullptr);
        return checked.ok() && verdict == TRAPKEY_VERDICT_ALLOW;
    }
    Status touch(trapkey_session_id_t session, std::int64_t now_ms, Error *error = nullptr) noexcept
    {
        return trapkey_sessions_touch(get(), session, now_ms, detail::place(error));
    }
    Status acknowledge(trapkey_session_id_t session, std::int64_t now_ms, std::string_view obligation,
                       Error *error = nullptr) noexcept
    {
        return trapkey_sessions_acknowledge(get(), session, now_ms, lend(obligation),
                                            detail::place(error));
    }
    Status update(const trapkey_subject_t &subject, const trapkey_session_update_t &update,
                  Error *error = nullptr) noexcept
    {
        return trapkey_sessions_update(get(), &subject, &update, nullptr, detail::place(error));
    }
    Status revoke(const trapkey_subject_t &subject, std::string_view reason,
                  Error *error = nullptr) noexcept
    {
        return trapkey_sessions_revoke(get(), &subject, lend(reason), nullptr, detail::place(error));
    }
    /** All changes or none. */
    Status amend(std::int64_t now_ms, const trapkey_amendment_t *const *amendments, std::size_t len,
                 Error *error = nullptr) noexcept
    {
        return trapkey_sessions_amend(get(), now_ms, amendments, len, detail::place(error));
    }
    /** `tell` must not throw. */
    Status poll(std::int64_t now_ms, trapkey_flip_callback_t tell, void *userdata,
                Error *error = nullptr) noexcept
    {
        return trapkey_sessions_poll(get(), now_ms, tell, userdata, detail::place(error));
    }
    Status decision(trapkey_session_id_t session, Decision &decision,
                    Error *error = nullptr) const noexcept
    {
        return trapkey_sessions_decision(get(), session, decision.get(), detail::place(error));
    }
    Status request(trapkey_session_id_t session, Request &request,
                   Error *error = nullptr) const noexcept
    {
        return trapkey_sessions_request(get(), session, request.place(), detail::place(error));
    }
    Status dependencies(trapkey_session_id_t session, Report &report,
                        Error *error = nullptr) const noexcept
    {
        return trapkey_sessions_dependencies(get(), session, report.place(), detail::place(error));
    }
    std::optional<trapkey_session_id_t> holder(std::string_view exclusive) const noexcept
    {
        trapkey_session_id_t session = {};
        const Status found = trapkey_sessions_holder(get(), lend(exclusive), &session, nullptr);
        return found ? std::optional(session) : std::nullopt;
    }
    std::optional<trapkey_session_counts_t> counts() const noexcept
    {
        auto counts = sized<trapkey_session_counts_t>();
        const Status found = trapkey_sessions_counts(get(), &counts, nullptr);
        return found ? std::optional(counts) : std::nullopt;
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
    /** `entries_max` decisions are kept; 0 is the default. */
    Status caching_decider(CachingDecider &decider, std::size_t entries_max = 0,
                           Error *error = nullptr) const noexcept
    {
        return trapkey_caching_decider_new(get(), entries_max, decider.place(), detail::place(error));
    }
    Status sessions(Sessions &sessions, const trapkey_session_limits_t *limits = nullptr,
                    Error *error = nullptr) const noexcept
    {
        return trapkey_sessions_new(get(), limits, sessions.place(), detail::place(error));
    }
    Status explain(const Request &request, Explanation &explanation, std::uint32_t decisions_max = 0,
                   Error *error = nullptr) const noexcept
    {
        return trapkey_engine_explain(get(), request.get(), decisions_max, explanation.place(),
                                      detail::place(error));
    }

    Status observe(const trapkey_observe_scope_t &scope, const trapkey_stage_order_t &order,
                   Error *error = nullptr) const noexcept
    {
        return trapkey_engine_observe(get(), &scope, &order, detail::place(error));
    }
    Status enforce(std::string_view scope, const trapkey_stage_order_t &order, bool force = false,
                   Error *error = nullptr) const noexcept
    {
        return trapkey_engine_enforce(get(), lend(scope), &order, force ? 1 : 0,
                                      detail::place(error));
    }
    Status explain_would_deny(std::uint64_t id, const trapkey_stage_order_t &order,
                              Error *error = nullptr) const noexcept
    {
        return trapkey_engine_explain_would_deny(get(), id, &order, detail::place(error));
    }
    Status would_denies(WouldDenies &would_denies, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_would_denies(get(), would_denies.place(), detail::place(error));
    }
    Status stage_records(Report &report, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_stage_records(get(), report.place(), detail::place(error));
    }
    Status observed_scopes(Report &report, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_observed_scopes(get(), report.place(), detail::place(error));
    }

    Status shadow(trapkey_bytes_t bundle, const trapkey_shadow_options_t *options = nullptr,
                  Error *error = nullptr) const noexcept
    {
        return trapkey_engine_shadow(get(), bundle, options, detail::place(error));
    }
    /** Of `artefact` the caller knows where it comes from: it is native code, see trapkey.h. */
    Status shadow_precompiled(trapkey_bytes_t bundle, trapkey_bytes_t artefact,
                              const trapkey_shadow_options_t *options = nullptr,
                              Error *error = nullptr) const noexcept
    {
        return trapkey_engine_shadow_precompiled(get(), bundle, artefact, options,
                                                 detail::place(error));
    }
    Status promote_shadow(const trapkey_guard_t *rule = nullptr, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_promote_shadow(get(), rule, nullptr, detail::place(error));
    }
    Status discard_shadow(Error *error = nullptr) const noexcept
    {
        return trapkey_engine_discard_shadow(get(), nullptr, detail::place(error));
    }
    std::optional<trapkey_shadow_t> shadowed() const noexcept
    {
        auto shadow = sized<trapkey_shadow_t>();
        const Status found = trapkey_engine_shadowed(get(), &shadow, nullptr);
        return found ? std::optional(shadow) : std::nullopt;
    }
    Status take_shadow_differences(Differences &differences, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_take_shadow_differences(get(), differences.place(),
                                                      detail::place(error));
    }
    Status explain_shadow(const Request &request, Explanation &explanation,
                          std::uint32_t decisions_max = 0, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_explain_shadow(get(), request.get(), decisions_max,
                                             explanation.place(), detail::place(error));
    }
    Status guard(const trapkey_guard_t &rule, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_guard(get(), &rule, detail::place(error));
    }
    Status end_guard(Error *error = nullptr) const noexcept
    {
        return trapkey_engine_end_guard(get(), nullptr, detail::place(error));
    }
    std::optional<trapkey_guarded_t> guarded() const noexcept
    {
        auto guarded = sized<trapkey_guarded_t>();
        const Status found = trapkey_engine_guarded(get(), &guarded, nullptr);
        return found ? std::optional(guarded) : std::nullopt;
    }

    Status contents(Report &report, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_contents(get(), report.place(), detail::place(error));
    }
    Status entity(std::string_view uid, Report &report, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_entity(get(), lend(uid), report.place(), detail::place(error));
    }
    Status grants(Report &report, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_grants(get(), report.place(), detail::place(error));
    }
    Status exceptions(std::int64_t now_ms, Report &report, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_exceptions(get(), now_ms, report.place(), detail::place(error));
    }
    /** A use that is reported is not reported again. */
    Status take_break_glass_uses(Report &report, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_take_break_glass_uses(get(), report.place(), detail::place(error));
    }
    Status dependencies(const Request &request, Report &report, Error *error = nullptr) const noexcept
    {
        return trapkey_engine_dependencies(get(), request.get(), report.place(),
                                           detail::place(error));
    }
};

/** Reports what a bundle says of itself, without publishing it. */
inline Status contents(trapkey_bytes_t bundle, Report &report, Error *error = nullptr) noexcept
{
    return trapkey_bundle_contents(bundle, report.place(), detail::place(error));
}

} // namespace trapkey

#endif // TRAPKEY_HPP
