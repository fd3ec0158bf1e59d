//! Real files, read as the client reads them.

use std::path::{Path, PathBuf};

use domain::picture::{PictureFormat, inspect};
use opencv::core::{CV_8UC3, Mat, Scalar, Size, Vector};
use opencv::imgcodecs::{imdecode, imwrite_def};
use opencv::prelude::*;
use opencv::videoio::{CAP_OPENCV_MJPEG, VideoWriter};

use super::{Encoding, Next, Picture, Reader, Reading, Repeats, Source, SourceError};

const SIZE: Size = Size { width: 320, height: 240 };

/// A folder of the test's own, removed with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("rollcall-camera-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn reading(path: &Path) -> Reading {
    let encoding = Encoding { longest_side: 160, quality: 90 };
    Reading { source: Source::Path(path.to_path_buf()), encoding, rate: None, repeats: Repeats::Never }
}

fn plain(brightness: f64) -> Mat {
    Mat::new_rows_cols_with_default(SIZE.height, SIZE.width, CV_8UC3, Scalar::all(brightness)).unwrap()
}

/// A film of ten frames, ten a second, each brighter than the one before.
fn film(path: &Path) {
    let fourcc = VideoWriter::fourcc('M', 'J', 'P', 'G').unwrap();
    let mut writer =
        VideoWriter::new_with_backend(path.to_str().unwrap(), CAP_OPENCV_MJPEG, fourcc, 10.0, SIZE, true).unwrap();
    for number in 0..10 {
        writer.write(&plain(f64::from(number) * 25.0)).unwrap();
    }
    writer.release().unwrap();
}

/// Brightness of a grey JPEG, 0..=255.
fn brightness(picture: &Picture) -> f64 {
    let image = imdecode(&Vector::<u8>::from_slice(&picture.jpeg), opencv::imgcodecs::IMREAD_COLOR).unwrap();
    opencv::core::mean_def(&image).unwrap()[0]
}

/// Everything that the source says until it ends, but at most `limit` things.
async fn read_all(reading: Reading, limit: usize) -> Vec<Next> {
    let reader = Reader::start(reading).unwrap();
    let mut all = Vec::new();
    while all.len() < limit {
        match reader.next().await.unwrap() {
            Next::End => break,
            next => all.push(next),
        }
    }
    all
}

fn names(all: &[Next]) -> Vec<String> {
    all.iter()
        .map(|next| match next {
            Next::Picture(picture) => picture.name.clone(),
            Next::Unusable { name, reason } => format!("{name}: {reason}"),
            Next::End => "end".to_owned(),
        })
        .collect()
}

#[tokio::test]
async fn a_folder_is_read_in_the_order_of_its_names() {
    let folder = Folder::new();
    for name in ["b.jpg", "a.png", "c.JPEG"] {
        imwrite_def(folder.path(&name.to_lowercase()).to_str().unwrap(), &plain(100.0)).unwrap();
    }
    std::fs::rename(folder.path("c.jpeg"), folder.path("c.JPEG")).unwrap();
    std::fs::write(folder.path("notes.txt"), "no picture").unwrap();
    std::fs::write(folder.path("bad.jpg"), "no picture either").unwrap();
    let all = read_all(reading(&folder.0), 10).await;
    let bad = "bad.jpg: the bytes are not a JPEG, PNG or still WebP picture";
    assert_eq!(names(&all), ["a.png", "b.jpg", bad, "c.JPEG"]);
    for next in all {
        if let Next::Picture(picture) = next {
            assert_eq!(inspect(&picture.jpeg).unwrap().format, PictureFormat::Jpeg);
        }
    }
}

#[tokio::test]
async fn a_jpeg_of_a_folder_is_sent_as_it_is() {
    let folder = Folder::new();
    let path = folder.path("one.jpg");
    imwrite_def(path.to_str().unwrap(), &plain(100.0)).unwrap();
    for source in [&folder.0, &path] {
        let all = read_all(reading(source), 10).await;
        let [Next::Picture(picture)] = &all[..] else { panic!("{:?}", names(&all)) };
        assert_eq!(picture.jpeg, std::fs::read(&path).unwrap());
    }
}

#[tokio::test]
async fn a_folder_may_be_gone_through_again_and_again() {
    let folder = Folder::new();
    for name in ["a.jpg", "b.jpg"] {
        imwrite_def(folder.path(name).to_str().unwrap(), &plain(100.0)).unwrap();
    }
    let endless = Reading { repeats: Repeats::Forever, ..reading(&folder.0) };
    assert_eq!(names(&read_all(endless.clone(), 5).await), ["a.jpg", "b.jpg", "a.jpg", "b.jpg", "a.jpg"]);
    for name in ["a.jpg", "b.jpg"] {
        std::fs::write(folder.path(name), "no picture").unwrap();
    }
    assert_eq!(read_all(endless, 5).await.len(), 2, "pictures of no use are looked at once");
}

#[tokio::test]
async fn every_frame_of_a_film_comes_in_its_order() {
    let folder = Folder::new();
    let path = folder.path("film.avi");
    film(&path);
    let all = read_all(reading(&path), 20).await;
    assert_eq!(all.len(), 10);
    for (number, next) in all.iter().enumerate() {
        let Next::Picture(picture) = next else { panic!("{next:?}") };
        assert_eq!(picture.name, format!("film.avi#{number}"));
        assert_eq!(inspect(&picture.jpeg).unwrap().width, 160);
        assert!((brightness(picture) - number as f64 * 25.0).abs() < 5.0, "{} of {number}", brightness(picture));
    }
}

#[tokio::test]
async fn a_film_plays_at_the_wanted_rate_and_again() {
    let folder = Folder::new();
    let path = folder.path("film.avi");
    film(&path);
    let slow = Reading { rate: Some(4.0), repeats: Repeats::Forever, ..reading(&path) };
    let expected = ["film.avi#0", "film.avi#2", "film.avi#5", "film.avi#7", "film.avi#0"];
    assert_eq!(names(&read_all(slow, 5).await), expected);
}

async fn check_error(path: &Path, words: &str) {
    let reader = Reader::start(reading(path)).unwrap();
    for _ in 0..2 {
        let error: SourceError = reader.next().await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_source_that_is_not_there_says_so_each_time() {
    let folder = Folder::new();
    check_error(&folder.0, "holds no .jpg").await;
    check_error(&folder.path("film.mp4"), "cannot open film.mp4").await;
    check_error(&folder.path("one.jpg"), "cannot read").await;
    std::fs::write(folder.path("text.mp4"), "no film").unwrap();
    check_error(&folder.path("text.mp4"), "cannot open text.mp4").await;
}
