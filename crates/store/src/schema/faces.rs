//! Whose attendance is taken, and what is kept of their faces.

diesel::table! {
    people (id) {
        id -> Uuid,
        organization_id -> Uuid,
        kind -> Text,
        external_id -> Text,
        name -> Text,
        email -> Nullable<Text>,
        created_at -> Timestamptz,
        second_id -> Nullable<Text>,
        phone -> Nullable<Text>,
        class -> Nullable<Text>,
        section -> Nullable<Text>,
        is_active -> Bool,
        notes -> Nullable<Text>,
        updated_at -> Timestamptz,
        consent -> Nullable<Text>,
    }
}

diesel::table! {
    person_keys (person_id) {
        person_id -> Uuid,
        organization_id -> Uuid,
        key -> Bytea,
    }
}

diesel::table! {
    consents (id) {
        id -> Uuid,
        organization_id -> Uuid,
        person_id -> Uuid,
        purpose -> Text,
        state -> Text,
        version -> Nullable<Text>,
        at -> Timestamptz,
        recorded_at -> Timestamptz,
        guardian -> Nullable<Text>,
        recorded_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    enrollments (id) {
        id -> Uuid,
        organization_id -> Uuid,
        person_id -> Uuid,
        state -> Text,
        created_at -> Timestamptz,
        queued_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        duplicate_of -> Nullable<Uuid>,
        duplicate_similarity -> Nullable<Float4>,
        distinct_confirmed -> Bool,
    }
}

diesel::table! {
    enrollment_photos (id) {
        id -> Uuid,
        enrollment_id -> Uuid,
        position -> Int4,
        file_name -> Text,
        image -> Nullable<Bytea>,
        state -> Text,
        rejection -> Nullable<Text>,
        quality -> Nullable<Int2>,
    }
}

diesel::table! {
    templates (id) {
        id -> Uuid,
        organization_id -> Uuid,
        person_id -> Uuid,
        photo_id -> Nullable<Uuid>,
        contract -> Text,
        embedding -> Bytea,
        quality -> Float4,
        origin -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    template_changes (organization_id, revision) {
        organization_id -> Uuid,
        revision -> Int8,
        contract -> Text,
        template_id -> Uuid,
        person_id -> Uuid,
        removed -> Bool,
    }
}

diesel::table! {
    guided_captures (id) {
        id -> Uuid,
        organization_id -> Uuid,
        person_id -> Uuid,
        state -> Text,
        poses -> Array<Text>,
        looks -> Int4,
        strikes -> Int4,
        advice -> Nullable<Text>,
        failure -> Nullable<Text>,
        enrollment_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    guided_poses (capture_id, position) {
        capture_id -> Uuid,
        position -> Int4,
        landmarks -> Array<Float4>,
        embedding -> Bytea,
        image -> Bytea,
    }
}

diesel::table! {
    index_versions (id) {
        id -> Uuid,
        organization_id -> Uuid,
        contract -> Text,
        watermark -> Int8,
        templates -> Int8,
        factory -> Text,
        path -> Text,
        sha256 -> Text,
        bytes -> Int8,
        build_ms -> Int8,
        created_at -> Timestamptz,
        sealed_with -> Nullable<Text>,
        probes -> Nullable<Int4>,
        recall -> Nullable<Float4>,
        stages -> Jsonb,
    }
}

diesel::table! {
    index_builds (id) {
        id -> Uuid,
        organization_id -> Uuid,
        contract -> Text,
        cause -> Text,
        state -> Text,
        stage -> Nullable<Text>,
        templates_done -> Int8,
        templates_total -> Int8,
        problem -> Nullable<Text>,
        version_id -> Nullable<Uuid>,
        requested_at -> Timestamptz,
        started_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    erasure_receipts (id) {
        id -> Uuid,
        organization_id -> Uuid,
        person_id -> Uuid,
        erased_at -> Timestamptz,
        audit_sequence -> Int8,
        audit_hash -> Bytea,
        document -> Text,
    }
}

diesel::table! {
    erasure_requests (id) {
        id -> Uuid,
        organization_id -> Uuid,
        person_id -> Uuid,
        state -> Text,
        requested_at -> Timestamptz,
        reason -> Nullable<Text>,
        decided_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Uuid>,
    }
}
