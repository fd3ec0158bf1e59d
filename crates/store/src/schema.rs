//! The tables of `migrations/`, as Diesel sees them. A test compares them with a migrated database.

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
    }
}

diesel::table! {
    people (id) {
        id -> Uuid,
        organization_id -> Uuid,
        kind -> Text,
        external_id -> Text,
        name -> Text,
        email -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    courses (id) {
        id -> Uuid,
        organization_id -> Uuid,
        code -> Text,
        title -> Text,
        roster_version -> Int8,
        created_at -> Timestamptz,
        section -> Text,
        time_zone -> Nullable<Text>,
        is_active -> Bool,
        policy -> Jsonb,
    }
}

diesel::table! {
    course_teachers (course_id, user_id) {
        organization_id -> Uuid,
        course_id -> Uuid,
        user_id -> Uuid,
        added_at -> Timestamptz,
    }
}

diesel::table! {
    roster_periods (id) {
        id -> Uuid,
        organization_id -> Uuid,
        course_id -> Uuid,
        person_id -> Uuid,
        added_at -> Timestamptz,
        removed_at -> Nullable<Timestamptz>,
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
    roster_entries (course_id, person_id) {
        organization_id -> Uuid,
        course_id -> Uuid,
        person_id -> Uuid,
        added_at -> Timestamptz,
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
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        organization_id -> Uuid,
        course_id -> Uuid,
        state -> Text,
        starts_at -> Timestamptz,
        ends_at -> Nullable<Timestamptz>,
        policy -> Jsonb,
        started_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
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
    sightings (session_id, frame_id, face_index) {
        session_id -> Uuid,
        frame_id -> Uuid,
        face_index -> Int2,
        organization_id -> Uuid,
        camera_id -> Nullable<Uuid>,
        person_id -> Nullable<Uuid>,
        outcome -> Text,
        similarity -> Nullable<Float4>,
        threshold -> Nullable<Float4>,
        detection_score -> Float4,
        x_min -> Float4,
        y_min -> Float4,
        x_max -> Float4,
        y_max -> Float4,
        contract -> Text,
        received_at -> Timestamptz,
        decided_at -> Timestamptz,
        false_match_rate -> Nullable<Float8>,
        liveness -> Nullable<Float4>,
        quality -> Nullable<Int2>,
    }
}

diesel::table! {
    attendance (session_id, person_id) {
        session_id -> Uuid,
        person_id -> Uuid,
        organization_id -> Uuid,
        state -> Text,
        first_seen_at -> Nullable<Timestamptz>,
        last_seen_at -> Nullable<Timestamptz>,
        sightings -> Int4,
        best_similarity -> Nullable<Float4>,
        stay_seconds -> Int4,
        checked_out_at -> Nullable<Timestamptz>,
        is_corrected -> Bool,
    }
}

diesel::table! {
    attendance_events (id) {
        id -> Uuid,
        organization_id -> Uuid,
        session_id -> Uuid,
        person_id -> Uuid,
        kind -> Text,
        method -> Nullable<Text>,
        state -> Nullable<Text>,
        reason -> Nullable<Text>,
        at -> Timestamptz,
        recorded_at -> Timestamptz,
        actor_kind -> Text,
        actor_id -> Nullable<Uuid>,
        voids -> Nullable<Uuid>,
        frame_id -> Nullable<Uuid>,
        face_index -> Nullable<Int2>,
    }
}

diesel::table! {
    attendance_change_numbers (session_id) {
        session_id -> Uuid,
        organization_id -> Uuid,
        last -> Int8,
    }
}

diesel::table! {
    attendance_changes (session_id, number) {
        session_id -> Uuid,
        number -> Int8,
        organization_id -> Uuid,
        person_id -> Uuid,
        from_state -> Nullable<Text>,
        to_state -> Nullable<Text>,
        is_present -> Bool,
        cause -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    person_pins (person_id) {
        person_id -> Uuid,
        organization_id -> Uuid,
        pin -> Bytea,
        set_at -> Timestamptz,
    }
}

diesel::table! {
    pin_failures (organization_id, subject) {
        organization_id -> Uuid,
        subject -> Bytea,
        failures -> Int4,
        last_at -> Timestamptz,
        locked_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    check_in_devices (session_id, device) {
        session_id -> Uuid,
        device -> Bytea,
        organization_id -> Uuid,
        person_id -> Uuid,
    }
}

diesel::table! {
    class_photos (id) {
        id -> Uuid,
        organization_id -> Uuid,
        session_id -> Uuid,
        file_name -> Text,
        image -> Nullable<Bytea>,
        annotate -> Bool,
        state -> Text,
        failure -> Nullable<Text>,
        created_at -> Timestamptz,
        queued_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
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
    sighting_faces (id) {
        id -> Uuid,
        organization_id -> Uuid,
        session_id -> Uuid,
        frame_id -> Uuid,
        face_index -> Int2,
        person_id -> Uuid,
        embedding -> Bytea,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    rejections (id) {
        id -> Uuid,
        organization_id -> Uuid,
        person_id -> Uuid,
        actual_person_id -> Nullable<Uuid>,
        session_id -> Uuid,
        frame_id -> Uuid,
        face_index -> Int2,
        contract -> Nullable<Text>,
        embedding -> Nullable<Bytea>,
        reason -> Text,
        rejected_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        event_id -> Uuid,
        correction_id -> Nullable<Uuid>,
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

diesel::allow_tables_to_appear_in_same_query!(
    organizations,
    users,
    people,
    courses,
    roster_entries,
    cameras,
    sessions,
    enrollments,
    enrollment_photos,
    templates,
    template_changes,
    sightings,
    attendance,
    attendance_events,
    attendance_changes,
    person_pins,
    pin_failures,
    check_in_devices,
    class_photos,
    guided_captures,
    guided_poses,
    sighting_faces,
    rejections,
    index_versions,
    idempotency_keys,
);
