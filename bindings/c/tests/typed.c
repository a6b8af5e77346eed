/*
 * Requests from the structs of a generated header. The folder has `shop.bundle`, of the header's schema, and
 * `changed.bundle`, of another one.
 */
#include "check.h"
#include "shop_requests.h"

static trapkey_engine_t *engine;
static trapkey_model_t *model;
static trapkey_typed_t *typed;
static trapkey_decider_t *decider;
static trapkey_decision_t *decision;
static trapkey_party_t *ann, *bob, *d1, *d2;

static const int64_t one_two[] = {1, 2}, one_three[] = {1, 3};
static trapkey_str_t a_b[2], a_c[2];
static const shop_color green[] = {SHOP_COLOR_GREEN}, red[] = {SHOP_COLOR_DEEP_RED};

/* The context that is allowed. */
static shop_open_up_context allowed(void)
{
    shop_open_up_context context;
    memset(&context, 0, sizeof(context));
    context.age = 5000;
    context.at = 7000;
    context.class_ = -3;
    context.colour = SHOP_COLOR_BLUE;
    context.has_door = true;
    context.door = d2;
    context.flag = true;
    context.from.version = 4;
    context.from.prefix = 32;
    context.from.bytes[0] = 10;
    context.from.bytes[1] = 1;
    context.from.bytes[2] = 2;
    context.from.bytes[3] = 3;
    context.inner.depth = 9;
    context.inner.has_text = true;
    context.inner.text = TRAPKEY_STR("gr\303\274n");
    context.long_.data = one_two;
    context.long_.len = 2;
    context.names.data = a_b;
    context.names.len = 2;
    context.paint.data = green;
    context.paint.len = 1;
    context.ratio = 12500;
    context.so_odd = TRAPKEY_STR("yes");
    return context;
}

static trapkey_status_t ask(const trapkey_party_t *who, const shop_open_up_context *context,
                            trapkey_verdict_t *verdict)
{
    return shop_decide_open_up_context(typed, decider, SHOP_ACTION_OPEN_UP, who, d1, context,
                                       TRAPKEY_NO_INSTANT, decision, verdict, NULL);
}

/* A context that says something else is denied; then the allowed one is allowed again. */
static void denied(shop_open_up_context context, int line)
{
    shop_open_up_context again = allowed();
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;
    expect_status(ask(ann, &context, &verdict), TRAPKEY_STATUS_OK, __FILE__, line, "a change");
    if (verdict != TRAPKEY_VERDICT_DENY) {
        fprintf(stderr, "%s:%d: the change is not seen\n", __FILE__, line);
        exit(1);
    }
    OK(ask(ann, &again, &verdict));
    CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
}

/* What `change` does to an allowed context matters. */
#define MATTERS(change)                           \
    do {                                          \
        shop_open_up_context context = allowed(); \
        change;                                   \
        denied(context, __LINE__);                \
    } while (0)

/* A context that cannot be has this status, and no allow. */
#define REFUSED(status, change)                                     \
    do {                                                            \
        shop_open_up_context context = allowed();                   \
        trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;          \
        change;                                                     \
        FAILS(status, ask(ann, &context, &verdict));                \
        CHECK(verdict == TRAPKEY_VERDICT_DENY);                     \
        CHECK(trapkey_decision_verdict(decision) == TRAPKEY_VERDICT_DENY); \
    } while (0)

static void each_field(void)
{
    MATTERS(context.age = 5001);
    MATTERS(context.at = 7001);
    MATTERS(context.class_ = 3);
    MATTERS(context.colour = SHOP_COLOR_GREEN);
    MATTERS(context.has_door = false);
    MATTERS(context.door = d1);
    MATTERS(context.flag = false);
    MATTERS(context.from.bytes[2] = 3);
    MATTERS(context.from.version = 6; context.from.prefix = 128);
    MATTERS(context.inner.depth = 8);
    MATTERS(context.inner.has_text = false);
    MATTERS(context.inner.text = TRAPKEY_STR("grun"));
    MATTERS(context.long_.data = one_three);
    MATTERS(context.long_.len = 1);
    MATTERS(context.names.data = a_c);
    MATTERS(context.names.len = 0);
    MATTERS(context.has_other = true);
    MATTERS(context.paint.data = red);
    MATTERS(context.ratio = 12501);
    MATTERS(context.so_odd = TRAPKEY_STR("no"));
}

static void what_cannot_be(void)
{
    trapkey_question_t question;
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;
    shop_close_context value;
    REFUSED(TRAPKEY_STATUS_OUT_OF_RANGE, context.colour = 3);
    REFUSED(TRAPKEY_STATUS_NULL_POINTER, context.door = NULL);
    REFUSED(TRAPKEY_STATUS_INVALID_OBJECT, context.door = (const trapkey_party_t *)(void *)model);
    REFUSED(TRAPKEY_STATUS_OUT_OF_RANGE, context.from.version = 5);
    REFUSED(TRAPKEY_STATUS_OUT_OF_RANGE, context.from.prefix = 33);
    REFUSED(TRAPKEY_STATUS_NOT_UTF8, context.so_odd = TRAPKEY_STR("\377"));
    REFUSED(TRAPKEY_STATUS_NULL_POINTER, context.so_odd = trapkey_str(NULL, 3));
    REFUSED(TRAPKEY_STATUS_TOO_LONG, context.so_odd.len = SIZE_MAX);
    REFUSED(TRAPKEY_STATUS_TOO_LONG, context.long_.len = SIZE_MAX);
    REFUSED(TRAPKEY_STATUS_NULL_POINTER, context.long_.data = NULL);
    REFUSED(TRAPKEY_STATUS_REQUEST_REFUSED, context.door = ann);
    FAILS(TRAPKEY_STATUS_NULL_POINTER, ask(NULL, NULL, &verdict));
    FAILS(TRAPKEY_STATUS_NULL_POINTER, ask(ann, NULL, &verdict));
    value.value = 5;
    OK(shop_decide_close_context(typed, decider, SHOP_ACTION_CLOSE, bob, d1, &value, 1, decision,
                                 &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
    OK(shop_decide_close_context(typed, decider, SHOP_ACTION_LOCK, bob, d1, &value, 1, decision,
                                 &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    /* A door may open, but not close; no such action; another's context. */
    FAILS(TRAPKEY_STATUS_REQUEST_REFUSED,
          shop_decide_close_context(typed, decider, SHOP_ACTION_CLOSE, d2, d1, &value, 1, decision,
                                    &verdict, NULL));
    verdict = TRAPKEY_VERDICT_ALLOW;
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE,
          shop_decide_close_context(typed, decider, 99, bob, d1, &value, 1, decision, &verdict, NULL));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    FAILS(TRAPKEY_STATUS_OUT_OF_RANGE,
          shop_decide_close_context(typed, decider, SHOP_ACTION_OPEN_UP, bob, d1, &value, 1,
                                    decision, &verdict, NULL));
    TRAPKEY_INIT(question);
    question.struct_size = 3;
    FAILS(TRAPKEY_STATUS_STRUCT_SIZE,
          trapkey_typed_decide(typed, &question, decision, &verdict, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_typed_decide(typed, NULL, decision, &verdict, NULL));
    FAILS(TRAPKEY_STATUS_NULL_POINTER,
          trapkey_typed_decide(NULL, &question, decision, &verdict, NULL));
}

static void broken_headers(void)
{
    trapkey_schema_t schema = shop_schema;
    trapkey_action_t action = shop_actions[0];
    trapkey_record_t record = *action.context;
    trapkey_field_t field = record.fields[0];
    trapkey_typed_t *none = NULL;
    schema.actions = &action;
    schema.actions_len = 1;
    action.context = &record;
    record.fields = &field;
    record.fields_len = 1;
    field.kind = 77;
    FAILS(TRAPKEY_STATUS_SCHEMA_REFUSED, trapkey_typed_new(model, &schema, &none, NULL));
    field = action.context->fields[0];
    field.kind = TRAPKEY_FIELD_LONG;
    field.size = 8;
    field.offset = record.size - 7;
    FAILS(TRAPKEY_STATUS_SCHEMA_REFUSED, trapkey_typed_new(model, &schema, &none, NULL));
    field.offset = SIZE_MAX;
    FAILS(TRAPKEY_STATUS_SCHEMA_REFUSED, trapkey_typed_new(model, &schema, &none, NULL));
    /* A struct that is inside itself. */
    field.kind = TRAPKEY_FIELD_RECORD;
    field.record = &record;
    field.offset = 0;
    FAILS(TRAPKEY_STATUS_SCHEMA_REFUSED, trapkey_typed_new(model, &schema, &none, NULL));
    action.context = NULL;
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_typed_new(model, &schema, &none, NULL));
    schema.layout = NULL;
    FAILS(TRAPKEY_STATUS_NULL_POINTER, trapkey_typed_new(model, &schema, &none, NULL));
    CHECK(none == NULL);
}

int main(int argc, char **argv)
{
    trapkey_error_t *error = NULL;
    trapkey_typed_t *none = NULL;
    trapkey_verdict_t verdict = TRAPKEY_VERDICT_ALLOW;
    shop_open_up_context context;
    CHECK(argc == 2);
    a_b[0] = a_c[0] = TRAPKEY_STR("a");
    a_b[1] = TRAPKEY_STR("b");
    a_c[1] = TRAPKEY_STR("c");
    OK(trapkey_engine_new(NULL, &engine, NULL));
    OK(trapkey_engine_publish(engine, read_bytes(argv[1], "shop.bundle"), NULL, NULL));
    OK(trapkey_engine_model(engine, &model, NULL));
    OK_OR_SAY(trapkey_typed_new(model, &shop_schema, &typed, &error));
    OK(trapkey_decider_new(engine, &decider, NULL));
    OK(trapkey_decision_new(&decision, NULL));
    OK(trapkey_model_entity(model, trapkey_text(SHOP_TYPE_USER), TRAPKEY_STR("ann"), &ann, NULL));
    OK(trapkey_model_entity(model, trapkey_text(SHOP_TYPE_USER), TRAPKEY_STR("bob"), &bob, NULL));
    OK(trapkey_model_entity(model, trapkey_text(SHOP_TYPE_DOOR), TRAPKEY_STR("d1"), &d1, NULL));
    OK(trapkey_model_entity(model, trapkey_text(SHOP_TYPE_DOOR), TRAPKEY_STR("d2"), &d2, NULL));
    context = allowed();
    OK(ask(ann, &context, &verdict));
    CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
    OK(ask(bob, &context, &verdict));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    each_field();
    what_cannot_be();
    broken_headers();
    /* Another schema goes live: the next decision says so, and its model refuses the header. */
    OK(ask(ann, &context, &verdict));
    CHECK(verdict == TRAPKEY_VERDICT_ALLOW);
    OK(trapkey_engine_publish(engine, read_bytes(argv[1], "changed.bundle"), NULL, NULL));
    FAILS(TRAPKEY_STATUS_STALE, ask(ann, &context, &verdict));
    CHECK(verdict == TRAPKEY_VERDICT_DENY);
    trapkey_model_free(model);
    OK(trapkey_engine_model(engine, &model, NULL));
    FAILS(TRAPKEY_STATUS_SCHEMA_REFUSED, trapkey_typed_new(model, &shop_schema, &none, &error));
    CHECK(none == NULL && error_says(error, "shop.cedarschema"));
    trapkey_party_free(ann);
    trapkey_party_free(bob);
    trapkey_party_free(d1);
    trapkey_party_free(d2);
    trapkey_decision_free(decision);
    trapkey_decider_free(decider);
    trapkey_typed_free(typed);
    trapkey_model_free(model);
    trapkey_engine_free(engine);
    return 0;
}
