//! The poses of a capture: landmarks in plain, face and picture sealed.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::geometry::{Landmarks, Point};
use domain::guided::TakenPose;
use domain::id::GuidedCaptureId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Conn;
use crate::schema::guided_poses;
use crate::sealer::Sealer;
use crate::templates::{from_bytes, to_bytes};

/// One pose but for its picture.
#[derive(Queryable, Selectable)]
#[diesel(table_name = guided_poses, check_for_backend(diesel::pg::Pg))]
pub(super) struct PoseRow {
    position: i32,
    landmarks: Vec<f32>,
    embedding: Vec<u8>,
}

/// What of a pose is sealed.
#[derive(Clone, Copy)]
enum Part {
    Embedding,
    Image,
}

/// What a part of a pose is sealed for. A pose has no id of its own: these differ from each other and, their capture's id
/// being random, from all other ids.
fn seal_id(capture: GuidedCaptureId, position: i32, part: Part) -> Uuid {
    let part = match part {
        Part::Embedding => 1,
        Part::Image => 2,
    };
    Uuid::from_u128(capture.uuid().as_u128() ^ (u128::from(position.unsigned_abs()) << 8 | part))
}

/// The poses in their order.
pub(super) async fn rows(conn: &mut Conn, capture: GuidedCaptureId) -> Result<Vec<PoseRow>, StoreError> {
    Ok(guided_poses::table
        .filter(guided_poses::capture_id.eq(capture.uuid()))
        .order(guided_poses::position)
        .select(PoseRow::as_select())
        .load(conn)
        .await?)
}

pub(super) async fn open(
    sealer: &Sealer,
    capture: GuidedCaptureId,
    rows: Vec<PoseRow>,
) -> Result<Vec<TakenPose>, StoreError> {
    let mut rows = rows;
    let sealed = rows
        .iter_mut()
        .map(|row| (seal_id(capture, row.position, Part::Embedding), std::mem::take(&mut row.embedding)))
        .collect();
    let opened = sealer.open_all(sealed).await?;
    rows.into_iter()
        .zip(opened)
        .map(|(row, (_, plain))| {
            Ok(TakenPose { landmarks: landmarks(&row.landmarks)?, embedding: from_bytes(&plain)? })
        })
        .collect()
}

/// The pictures of the poses, in their order.
pub(super) async fn images(
    conn: &mut Conn,
    sealer: &Sealer,
    capture: GuidedCaptureId,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows: Vec<(i32, Vec<u8>)> = guided_poses::table
        .filter(guided_poses::capture_id.eq(capture.uuid()))
        .order(guided_poses::position)
        .select((guided_poses::position, guided_poses::image))
        .load(conn)
        .await?;
    let sealed = rows.into_iter().map(|(position, image)| (seal_id(capture, position, Part::Image), image)).collect();
    Ok(sealer.open_all(sealed).await?.into_iter().map(|(_, image)| image).collect())
}

pub(super) async fn insert(
    tx: &mut Conn,
    sealer: &Sealer,
    capture: GuidedCaptureId,
    position: usize,
    pose: &TakenPose,
    image: Vec<u8>,
) -> Result<(), StoreError> {
    let position = i32::try_from(position).expect("a position in memory");
    let coordinates: Vec<f32> = pose.landmarks.iter().flat_map(|point| [point.x, point.y]).collect();
    let embedding = sealer.seal(seal_id(capture, position, Part::Embedding), &to_bytes(&pose.embedding));
    let image = sealer.seal_large(seal_id(capture, position, Part::Image), image).await;
    diesel::insert_into(guided_poses::table)
        .values((
            guided_poses::capture_id.eq(capture.uuid()),
            guided_poses::position.eq(position),
            guided_poses::landmarks.eq(coordinates),
            guided_poses::embedding.eq(embedding),
            guided_poses::image.eq(image),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Conn, capture: GuidedCaptureId) -> Result<(), StoreError> {
    diesel::delete(guided_poses::table.filter(guided_poses::capture_id.eq(capture.uuid()))).execute(tx).await?;
    Ok(())
}

/// x, y of the five landmarks.
fn landmarks(coordinates: &[f32]) -> Result<Landmarks, StoreError> {
    let (points, rest) = coordinates.as_chunks::<2>();
    let points: Vec<Point> = points.iter().map(|[x, y]| Point { x: *x, y: *y }).collect();
    let landmarks = points.try_into().ok().filter(|_: &Landmarks| rest.is_empty());
    landmarks.ok_or_else(|| StoreError::corrupt("landmarks that are not five points"))
}
