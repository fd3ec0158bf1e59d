//! Every address of the API, and the handler behind it.

pub(crate) mod attendance;
pub(crate) mod attendance_history;
pub(crate) mod auth;
pub(crate) mod cameras;
pub(crate) mod check_ins;
pub(crate) mod class_photo_faces;
pub(crate) mod class_photos;
pub(crate) mod courses;
pub(crate) mod duplicates;
pub(crate) mod enrollments;
pub(crate) mod frame_stream;
pub(crate) mod frames;
pub(crate) mod guided_captures;
pub(crate) mod live;
pub(crate) mod marking;
pub(crate) mod organizations;
pub(crate) mod own_attendance;
pub(crate) mod people;
pub(crate) mod photos;
pub(crate) mod pins;
pub(crate) mod presence;
pub(crate) mod recognition;
pub(crate) mod rejections;
pub(crate) mod roster;
pub(crate) mod sessions;
pub(crate) mod users;

use actix_web::web::{self, ServiceConfig, delete, get, post, put};

/// All of `/api/v1`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let at = |path: &str| web::resource(format!("/api/v1{path}"));
    config
        .service(at("/auth/token").route(post().to(auth::create_token)))
        .service(at("/users/me").route(get().to(users::show_me)))
        .service(
            at("/organizations")
                .route(post().to(organizations::create_organization))
                .route(get().to(organizations::list_organizations)),
        )
        .service(at("/organizations/{organization_id}").route(get().to(organizations::show_organization)))
        .service(
            at("/organizations/{organization_id}/recognition-policy")
                .route(put().to(organizations::set_recognition_policy)),
        )
        .service(at("/people").route(post().to(people::create_person)).route(get().to(people::list_people)))
        .service(
            at("/people/{person_id}").route(get().to(people::show_person)).route(delete().to(people::delete_person)),
        )
        .service(
            at("/people/{person_id}/enrollments")
                .route(post().to(enrollments::create_enrollment))
                .route(get().to(enrollments::list_enrollments)),
        )
        .service(at("/enrollments/{enrollment_id}").route(get().to(enrollments::show_enrollment)))
        .service(at("/enrollments/{enrollment_id}/confirm-distinct").route(post().to(duplicates::confirm_distinct)))
        .service(at("/enrollments/{enrollment_id}/dismiss").route(post().to(duplicates::dismiss)))
        .service(at("/people/{person_id}/guided-captures").route(post().to(guided_captures::create_guided_capture)))
        .service(at("/guided-captures/{guided_capture_id}").route(get().to(guided_captures::show_guided_capture)))
        .service(at("/guided-captures/{guided_capture_id}/frames").route(post().to(guided_captures::send_look)))
        .service(at("/courses").route(post().to(courses::create_course)).route(get().to(courses::list_courses)))
        .service(at("/courses/{course_id}").route(get().to(courses::show_course)))
        .service(
            at("/courses/{course_id}/roster").route(post().to(roster::add_people)).route(get().to(roster::list_roster)),
        )
        .service(
            at("/courses/{course_id}/roster/{person_id}")
                .route(put().to(roster::add_person))
                .route(delete().to(roster::remove_person)),
        )
        .service(at("/sessions").route(post().to(sessions::create_session)).route(get().to(sessions::list_sessions)))
        .service(at("/sessions/{session_id}").route(get().to(sessions::show_session)))
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
        .service(at("/people/{person_id}/pin").route(put().to(pins::set_pin)).route(delete().to(pins::remove_pin)))
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
        .service(at("/live/tickets").route(post().to(live::create_ticket)))
        .service(at("/live").route(get().to(live::watch)));
}
