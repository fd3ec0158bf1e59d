//! Who was there.

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
