//! Every address of the API, and the handler behind it.

pub(crate) mod archives;
pub(crate) mod attendance;
pub(crate) mod attendance_history;
pub(crate) mod audit_log;
pub(crate) mod auth;
pub(crate) mod cameras;
pub(crate) mod check_ins;
pub(crate) mod class_photo_faces;
pub(crate) mod class_photos;
pub(crate) mod consents;
pub(crate) mod courses;
pub(crate) mod dead_letters;
pub(crate) mod duplicates;
pub(crate) mod enrollments;
pub(crate) mod erasure_requests;
pub(crate) mod erasures;
pub(crate) mod exports;
pub(crate) mod frame_stream;
pub(crate) mod frames;
pub(crate) mod guided_captures;
pub(crate) mod holidays;
pub(crate) mod imports;
pub(crate) mod indexes;
pub(crate) mod live;
pub(crate) mod mark_by_picture;
pub(crate) mod marking;
pub(crate) mod my_face;
pub(crate) mod organizations;
pub(crate) mod own_attendance;
pub(crate) mod passwords;
pub(crate) mod people;
pub(crate) mod person_body;
pub(crate) mod person_faces;
pub(crate) mod person_statistics;
pub(crate) mod photos;
pub(crate) mod pins;
pub(crate) mod presence;
pub(crate) mod queues;
pub(crate) mod recognition;
pub(crate) mod records;
pub(crate) mod rejections;
pub(crate) mod roster;
pub(crate) mod roster_history;
pub(crate) mod series;
pub(crate) mod series_preview;
pub(crate) mod sessions;
pub(crate) mod statistics;
pub(crate) mod students;
pub(crate) mod teachers;
pub(crate) mod upload;
pub(crate) mod users;

use actix_web::Resource;
use actix_web::web::{self, ServiceConfig, delete, get, patch, post, put};

fn at(path: &str) -> Resource {
    web::resource(format!("/api/v1{path}"))
}

/// All of `/api/v1`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    my_face_routes(config);
    config
        .service(at("/auth/token").route(post().to(auth::create_token)))
        .service(at("/auth/login").route(post().to(auth::log_in)))
        .service(at("/auth/refresh").route(post().to(auth::refresh)))
        .service(at("/auth/logout").route(post().to(auth::log_out)))
        .service(at("/users/me").route(get().to(users::show_me)))
        .service(at("/users/me/password").route(post().to(passwords::change_my_password)))
        .service(at("/users").route(post().to(users::create_user)).route(get().to(users::list_users)))
        .service(
            at("/users/{user_id}")
                .route(get().to(users::show_user))
                .route(patch().to(users::change_user))
                .route(delete().to(users::delete_user)),
        )
        .service(at("/users/{user_id}/reset-password").route(post().to(passwords::reset_password)))
        .service(
            at("/organizations")
                .route(post().to(organizations::create_organization))
                .route(get().to(organizations::list_organizations)),
        )
        .service(
            at("/organizations/{organization_id}")
                .route(get().to(organizations::show_organization))
                .route(patch().to(organizations::change_organization)),
        )
        .service(at("/organizations/{organization_id}/settings").route(put().to(organizations::set_settings)))
        .service(
            at("/organizations/{organization_id}/recognition-policy")
                .route(put().to(organizations::set_recognition_policy)),
        )
        .service(at("/people").route(post().to(people::create_person)).route(get().to(people::list_people)))
        .service(at("/people/imports").route(post().to(imports::import_people)))
        .service(at("/people/imports/oneroster").route(post().to(imports::import_oneroster)))
        .service(at("/enrollments/archives").route(post().to(archives::enroll_archive)))
        .service(
            at("/people/{person_id}")
                .route(get().to(people::show_person))
                .route(patch().to(people::change_person))
                .route(delete().to(people::delete_person)),
        )
        .service(
            at("/people/{person_id}/enrollments")
                .route(post().to(enrollments::create_enrollment))
                .route(get().to(enrollments::list_enrollments)),
        )
        .service(
            at("/people/{person_id}/consents")
                .route(post().to(consents::give_consent))
                .route(get().to(consents::list_consents)),
        )
        .service(at("/people/{person_id}/consents/withdraw").route(post().to(consents::withdraw_consent)))
        .service(at("/enrollments").route(get().to(enrollments::list_all_enrollments)))
        .service(at("/enrollments/{enrollment_id}").route(get().to(enrollments::show_enrollment)))
        .service(at("/enrollments/{enrollment_id}/confirm-distinct").route(post().to(duplicates::confirm_distinct)))
        .service(at("/enrollments/{enrollment_id}/dismiss").route(post().to(duplicates::dismiss)))
        .service(at("/people/{person_id}/guided-captures").route(post().to(guided_captures::create_guided_capture)))
        .service(at("/guided-captures/{guided_capture_id}").route(get().to(guided_captures::show_guided_capture)))
        .service(at("/guided-captures/{guided_capture_id}/frames").route(post().to(guided_captures::send_look)))
        .service(at("/courses").route(post().to(courses::create_course)).route(get().to(courses::list_courses)))
        .service(
            at("/courses/{course_id}").route(get().to(courses::show_course)).route(patch().to(courses::update_course)),
        )
        .service(at("/courses/{course_id}/policy").route(put().to(courses::set_course_policy)))
        .service(at("/courses/{course_id}/teachers").route(get().to(teachers::list_teachers)))
        .service(
            at("/courses/{course_id}/teachers/{user_id}")
                .route(put().to(teachers::add_teacher))
                .route(delete().to(teachers::remove_teacher)),
        )
        .service(
            at("/courses/{course_id}/roster").route(post().to(roster::add_people)).route(get().to(roster::list_roster)),
        )
        .service(at("/courses/{course_id}/roster/history").route(get().to(roster_history::show_roster_history)))
        .service(
            at("/courses/{course_id}/roster/{person_id}")
                .route(put().to(roster::add_person))
                .route(delete().to(roster::remove_person)),
        )
        .service(at("/courses/{course_id}/statistics").route(get().to(statistics::show_course_statistics)))
        .service(at("/courses/{course_id}/at-risk").route(get().to(statistics::list_at_risk)))
        .service(at("/courses/{course_id}/attendance/export").route(get().to(exports::export_course)))
        .service(at("/sessions/{session_id}/attendance/export").route(get().to(exports::export_session)))
        .service(at("/attendance/mark").route(post().to(mark_by_picture::mark_attendance)))
        .service(at("/attendance/records").route(get().to(records::list_records)))
        .service(at("/students").route(post().to(students::create_student)).route(get().to(students::list_students)))
        .service(at("/students/{person_id}").route(get().to(students::show_student)))
        .service(at("/employees").route(post().to(students::create_employee)).route(get().to(students::list_employees)))
        .service(at("/employees/{person_id}").route(get().to(students::show_employee)))
        .service(at("/statistics/days").route(get().to(statistics::list_days)))
        .service(at("/people/{person_id}/statistics").route(get().to(person_statistics::show_person_statistics)))
        .service(at("/users/me/statistics").route(get().to(person_statistics::show_my_statistics)))
        .service(
            at("/courses/{course_id}/series")
                .route(post().to(series::create_series))
                .route(get().to(series::list_series)),
        )
        .service(at("/courses/{course_id}/series/preview").route(post().to(series_preview::preview_series)))
        .service(
            at("/series/{series_id}")
                .route(get().to(series::show_series))
                .route(patch().to(series::update_series))
                .route(delete().to(series::delete_series)),
        )
        .service(at("/holidays").route(post().to(holidays::create_holiday)).route(get().to(holidays::list_holidays)))
        .service(at("/holidays/{holiday_id}").route(delete().to(holidays::delete_holiday)))
        .service(at("/sessions").route(post().to(sessions::create_session)).route(get().to(sessions::list_sessions)))
        .service(
            at("/sessions/{session_id}")
                .route(get().to(sessions::show_session))
                .route(patch().to(sessions::update_session))
                .route(delete().to(sessions::cancel_session)),
        )
        .service(at("/sessions/{session_id}/start").route(post().to(sessions::start_session)))
        .service(at("/sessions/{session_id}/close").route(post().to(sessions::close_session)))
        .service(
            at("/sessions/{session_id}/attendance")
                .route(get().to(attendance::list_attendance))
                .route(post().to(marking::mark)),
        )
        .service(at("/sessions/{session_id}/attendance/changes").route(get().to(attendance_history::list_changes)))
        .service(
            at("/sessions/{session_id}/attendance/{person_id}/history")
                .route(get().to(attendance_history::show_history)),
        )
        .service(at("/attendance-events/{attendance_event_id}/void").route(post().to(marking::void_event)))
        .service(at("/sessions/{session_id}/present").route(get().to(presence::list_present)))
        .service(at("/attendance/present").route(get().to(presence::list_present_on_day)))
        .service(at("/people/{person_id}/attendance").route(get().to(own_attendance::list_attendance_of_person)))
        .service(at("/users/me/attendance").route(get().to(own_attendance::list_own_attendance)))
        .service(at("/sessions/{session_id}/qr").route(get().to(check_ins::show_code)))
        .service(at("/sessions/{session_id}/check-in").route(post().to(check_ins::check_in)))
        .service(at("/sessions/{session_id}/pin-check-ins").route(post().to(check_ins::check_in_by_pin)))
        .service(
            at("/people/{person_id}/pin")
                .route(get().to(pins::show_pin))
                .route(put().to(pins::set_pin))
                .route(delete().to(pins::remove_pin)),
        )
        .service(at("/people/{person_id}/templates").route(get().to(person_faces::list_templates)))
        .service(at("/people/{person_id}/courses").route(get().to(person_faces::list_courses_of_person)))
        .service(at("/users/me/pin").route(put().to(pins::set_own_pin)).route(delete().to(pins::remove_own_pin)))
        .service(at("/sessions/{session_id}/sightings").route(get().to(attendance::list_sightings)))
        .service(
            at("/sessions/{session_id}/sightings/{frame_id}/{face_index}/reject")
                .route(post().to(rejections::reject_sighting)),
        )
        .service(
            at("/rejections/{rejection_id}")
                .route(get().to(rejections::show_rejection))
                .route(delete().to(rejections::undo_rejection)),
        )
        .service(at("/people/{person_id}/rejections").route(get().to(rejections::list_rejections)))
        .service(at("/sessions/{session_id}/recognition").route(get().to(recognition::show_recognition)))
        .service(
            at("/sessions/{session_id}/class-photos")
                .route(post().to(class_photos::create_class_photo))
                .route(get().to(class_photos::list_class_photos)),
        )
        .service(at("/class-photos/{class_photo_id}").route(get().to(class_photos::show_class_photo)))
        .service(at("/class-photos/{class_photo_id}/picture").route(get().to(class_photos::show_annotated_picture)))
        .service(at("/sessions/{session_id}/frames").route(post().to(frames::send_frame)))
        .service(at("/sessions/{session_id}/frames/stream").route(get().to(frame_stream::stream_frames)))
        .service(at("/cameras").route(post().to(cameras::create_camera)).route(get().to(cameras::list_cameras)))
        .service(at("/cameras/{camera_id}").route(delete().to(cameras::revoke_camera)))
        .service(at("/people/{person_id}/erasure").route(post().to(erasures::erase_person)))
        .service(at("/erasure-receipts").route(get().to(erasures::list_receipts)))
        .service(at("/erasure-receipts/key").route(get().to(erasures::show_receipt_key)))
        .service(at("/erasure-receipts/{erasure_receipt_id}").route(get().to(erasures::show_receipt)))
        .service(
            at("/users/me/erasure-request")
                .route(post().to(erasure_requests::request_erasure))
                .route(get().to(erasure_requests::show_my_request)),
        )
        .service(at("/erasure-requests").route(get().to(erasure_requests::list_requests)))
        .service(
            at("/erasure-requests/{erasure_request_id}/decline").route(post().to(erasure_requests::decline_request)),
        )
        .service(at("/audit-log").route(get().to(audit_log::list_audit_log)))
        .service(at("/audit-log/verification").route(get().to(audit_log::verify_audit_log)))
        .service(at("/index").route(get().to(indexes::show_indexes)))
        .service(at("/index/rebuild").route(post().to(indexes::rebuild_indexes)))
        .service(at("/index/builds").route(get().to(indexes::list_index_builds)))
        .service(at("/index/builds/{index_build_id}").route(get().to(indexes::show_index_build)))
        .service(at("/queues").route(get().to(queues::list_queues)))
        .service(at("/dead-letters").route(get().to(dead_letters::list_dead_letters)))
        .service(at("/dead-letters/{dead_letter_id}").route(delete().to(dead_letters::discard_dead_letter)))
        .service(at("/dead-letters/{dead_letter_id}/retry").route(post().to(dead_letters::retry_dead_letter)))
        .service(at("/live/tickets").route(post().to(live::create_ticket)))
        .service(at("/live").route(get().to(live::watch)));
}

/// What members do about their own face.
fn my_face_routes(config: &mut ServiceConfig) {
    config
        .service(at("/users/me/person").route(get().to(my_face::show_my_person)))
        .service(
            at("/users/me/consents")
                .route(post().to(my_face::give_my_consent))
                .route(get().to(my_face::list_my_consents)),
        )
        .service(at("/users/me/consents/withdraw").route(post().to(my_face::withdraw_my_consent)))
        .service(
            at("/users/me/enrollments")
                .route(post().to(my_face::enroll_myself))
                .route(get().to(my_face::list_my_enrollments)),
        )
        .service(at("/users/me/enrollments/{enrollment_id}").route(get().to(my_face::show_my_enrollment)))
        .service(at("/users/me/guided-captures").route(post().to(my_face::capture_myself)))
        .service(at("/users/me/guided-captures/{guided_capture_id}").route(get().to(my_face::show_my_capture)))
        .service(at("/users/me/guided-captures/{guided_capture_id}/frames").route(post().to(my_face::send_my_look)));
}
