//! Who may do what, and what they did.

diesel::table! {
    organizations (id) {
        id -> Uuid,
        name -> Text,
        time_zone -> Text,
        template_revision -> Int8,
        created_at -> Timestamptz,
        false_match_rate -> Nullable<Float8>,
        forced_threshold -> Nullable<Float4>,
        liveness -> Text,
        retain_photos -> Bool,
        contract -> Nullable<Text>,
        settings -> Jsonb,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        organization_id -> Nullable<Uuid>,
        email -> Text,
        password_hash -> Text,
        role -> Text,
        created_at -> Timestamptz,
        person_id -> Nullable<Uuid>,
        disabled_at -> Nullable<Timestamptz>,
        must_change_password -> Bool,
    }
}

diesel::table! {
    logins (id) {
        id -> Uuid,
        user_id -> Uuid,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Bytea,
        login_id -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    login_attempts (address_hash) {
        address_hash -> Bytea,
        failures -> Array<Timestamptz>,
        locked_until -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    cameras (id) {
        id -> Uuid,
        organization_id -> Uuid,
        name -> Text,
        key_hash -> Bytea,
        course_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        session_id -> Nullable<Uuid>,
        last_seen_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    audit_entries (scope, sequence) {
        scope -> Uuid,
        sequence -> Int8,
        at -> Timestamptz,
        actor_kind -> Text,
        actor_id -> Nullable<Uuid>,
        action -> Text,
        subject_id -> Nullable<Uuid>,
        details -> Text,
        request_id -> Nullable<Text>,
        hash -> Bytea,
    }
}

diesel::table! {
    idempotency_keys (user_id, key) {
        user_id -> Uuid,
        key -> Text,
        request_hash -> Bytea,
        status -> Nullable<Int2>,
        body -> Nullable<Jsonb>,
        created_at -> Timestamptz,
    }
}
