//! What people attend, and when.

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
    roster_entries (course_id, person_id) {
        organization_id -> Uuid,
        course_id -> Uuid,
        person_id -> Uuid,
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
        automatic -> Bool,
        series_id -> Nullable<Uuid>,
        series_day -> Nullable<Date>,
        edited -> Bool,
    }
}

diesel::table! {
    series (id) {
        id -> Uuid,
        organization_id -> Uuid,
        course_id -> Uuid,
        rule -> Text,
        starts_on -> Date,
        start_time -> Time,
        duration_minutes -> Int4,
        automatic -> Bool,
        policy -> Jsonb,
        planned_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    series_skips (series_id, day) {
        organization_id -> Uuid,
        series_id -> Uuid,
        day -> Date,
    }
}

diesel::table! {
    holidays (id) {
        id -> Uuid,
        organization_id -> Uuid,
        first_day -> Date,
        last_day -> Date,
        name -> Text,
        created_at -> Timestamptz,
    }
}
