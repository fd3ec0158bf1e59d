//! Every address of the API, and the handler behind it.

pub(crate) mod attendance;
pub(crate) mod auth;
pub(crate) mod cameras;
pub(crate) mod class_photo_faces;
pub(crate) mod class_photos;
pub(crate) mod courses;
pub(crate) mod duplicates;
pub(crate) mod enrollments;
pub(crate) mod frame_stream;
pub(crate) mod frames;
pub(crate) mod guided_captures;
pub(crate) mod holidays;
pub(crate) mod live;
pub(crate) mod organizations;
pub(crate) mod people;
pub(crate) mod photos;
pub(crate) mod recognition;
pub(crate) mod roster;
pub(crate) mod roster_history;
pub(crate) mod series;
pub(crate) mod series_preview;
pub(crate) mod sessions;
pub(crate) mod teachers;
pub(crate) mod users;

use actix_web::web::{self, ServiceConfig, delete, get, patch, post, put};

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
        .service(
            at("/courses/{course_id}/series").route(post().to(series::create_series)).route(get().to(series::list_series)),
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
        .service(at("/sessions/{session_id}/attendance").route(get().to(attendance::list_attendance)))
        .service(at("/sessions/{session_id}/sightings").route(get().to(attendance::list_sightings)))
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
