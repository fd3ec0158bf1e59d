//! Boxes and names drawn on a picture.

use domain::geometry::FaceBox;
use opencv::core::{Mat, Point, Rect, Scalar, Size, Vec3b, Vector};
use opencv::prelude::*;
use opencv::{imgcodecs, imgproc};

use crate::error::VisionError;
use crate::picture::Picture;

/// Longer side of an annotated picture, in pixels: it is for looking at.
const LONGER_SIDE: i32 = 2048;
const JPEG_QUALITY: i32 = 85;
/// Blue, green, red: colours that people with colour blindness tell apart, too (Okabe and Ito's green and vermilion).
const FOUND: (f64, f64, f64) = (115.0, 158.0, 0.0);
const UNKNOWN: (f64, f64, f64) = (0.0, 94.0, 213.0);
const WHITE: (f64, f64, f64) = (255.0, 255.0, 255.0);

/// One face to be marked.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Where it is, in pixels of the upright original.
    pub face_box: FaceBox,
    /// What is written under it; characters beyond ASCII come out as question marks.
    pub label: String,
    /// Whether it is somebody: drawn in another colour.
    pub is_found: bool,
}

/// The picture as a JPEG of at most 2048 pixels with these faces marked.
///
/// # Errors
/// When OpenCV fails, for instance for lack of memory.
pub fn annotated(picture: &Picture, marks: &[Mark]) -> Result<Vec<u8>, VisionError> {
    let source = Mat::new_rows_cols_with_bytes::<Vec3b>(picture.height as i32, picture.width as i32, &picture.pixels)?;
    let (mut canvas, mut bgr) = (Mat::default(), Mat::default());
    let longer = picture.width.max(picture.height) as i32;
    let shrink = (f64::from(LONGER_SIDE) / f64::from(longer)).min(1.0);
    let size = Size::new(scaled(picture.width, shrink), scaled(picture.height, shrink));
    imgproc::resize(&source, &mut canvas, size, 0.0, 0.0, imgproc::INTER_AREA)?;
    imgproc::cvt_color_def(&canvas, &mut bgr, imgproc::COLOR_RGB2BGR)?;
    let (across, down) = (f64::from(size.width), f64::from(size.height));
    let (across, down) = (across / f64::from(picture.original.0), down / f64::from(picture.original.1));
    for mark in marks {
        draw(&mut bgr, mark, across, down)?;
    }
    let mut jpeg = Vector::new();
    let how = Vector::from_slice(&[imgcodecs::IMWRITE_JPEG_QUALITY, JPEG_QUALITY]);
    imgcodecs::imencode(".jpg", &bgr, &mut jpeg, &how)?;
    Ok(jpeg.to_vec())
}

fn scaled(side: usize, by: f64) -> i32 {
    (side as f64 * by).round().max(1.0) as i32
}

fn draw(canvas: &mut Mat, mark: &Mark, across: f64, down: f64) -> opencv::Result<()> {
    let at = |value: f32, scale: f64| (f64::from(value) * scale).round() as i32;
    let face = &mark.face_box;
    let (left, top) = (at(face.x_min, across), at(face.y_min, down));
    let outline = Rect::new(left, top, at(face.width(), across).max(1), at(face.height(), down).max(1));
    let colour = scalar(if mark.is_found { FOUND } else { UNKNOWN });
    imgproc::rectangle(canvas, outline, colour, 2, imgproc::LINE_AA, 0)?;
    if mark.label.is_empty() {
        return Ok(());
    }
    let label: String = mark.label.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
    let (font, size) = (imgproc::FONT_HERSHEY_SIMPLEX, (f64::from(outline.width) / 160.0).clamp(0.4, 0.9));
    let mut baseline = 0;
    let text = imgproc::get_text_size(&label, font, size, 1, &mut baseline)?;
    // Under the face, so that it covers nobody's eyes; within the picture, where that is possible.
    let x = left.min(canvas.cols() - text.width - 4).max(0);
    let y = (top + outline.height).min(canvas.rows() - text.height - baseline - 4).max(0);
    let plate = Rect::new(x, y, text.width + 4, text.height + baseline + 4);
    imgproc::rectangle(canvas, plate, colour, imgproc::FILLED, imgproc::LINE_8, 0)?;
    let origin = Point::new(x + 2, y + text.height + 2);
    imgproc::put_text(canvas, &label, origin, font, size, scalar(WHITE), 1, imgproc::LINE_AA, false)
}

fn scalar((blue, green, red): (f64, f64, f64)) -> Scalar {
    Scalar::new(blue, green, red, 0.0)
}

#[cfg(test)]
mod tests {
    use domain::geometry::FaceBox;

    use super::{Mark, annotated};
    use crate::decode::decode;
    use crate::picture::Picture;

    fn grey(width: u32, height: u32) -> Picture {
        Picture::from_rgb(vec![128; (width * height * 3) as usize], width, height).expect("its size")
    }

    fn mark(x: f32, y: f32, label: &str, is_found: bool) -> Mark {
        let face_box = FaceBox { x_min: x, y_min: y, x_max: x + 200.0, y_max: y + 260.0 };
        Mark { face_box, label: label.to_owned(), is_found }
    }

    fn pixel(picture: &Picture, x: usize, y: usize) -> [u8; 3] {
        let at = (y * picture.width() + x) * 3;
        [picture.rgb()[at], picture.rgb()[at + 1], picture.rgb()[at + 2]]
    }

    #[test]
    fn faces_are_outlined_in_the_colour_of_what_they_are() {
        let jpeg = annotated(&grey(1000, 800), &[mark(100.0, 100.0, "1 Ada", true), mark(500.0, 100.0, "2", false)]);
        let drawn = decode(&jpeg.expect("a picture"), 4096).expect("a JPEG");
        let [red, green, _] = pixel(&drawn, 100, 200);
        assert!(green > 120 && red < 60, "green on the left edge");
        let [red, green, _] = pixel(&drawn, 500, 200);
        assert!(red > 160 && green < 130, "red on the left edge");
        let [red, green, blue] = pixel(&drawn, 200, 200);
        assert!(red.abs_diff(128) < 6 && green.abs_diff(128) < 6 && blue.abs_diff(128) < 6, "nothing inside");
    }

    #[test]
    fn large_pictures_shrink_and_faces_beyond_the_edge_do_no_harm() {
        let marks = [mark(-150.0, -90.0, "1", true), mark(3900.0, 2900.0, "2 a name that is rather long", false)];
        let drawn = decode(&annotated(&grey(4000, 3000), &marks).expect("a picture"), 8192).expect("a JPEG");
        assert_eq!((drawn.width(), drawn.height()), (2048, 1536));
        assert!(annotated(&grey(10, 10), &[mark(0.0, 0.0, "é", true)]).is_ok());
    }
}
